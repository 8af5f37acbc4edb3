import { unsupported } from '../complaint.ts';

/** What a `%` letter stands for: its heading and its text for one thing. */
export interface Column<T> {
  readonly heading: string;
  readonly text: (thing: T) => string;
}

interface Field<T> {
  readonly before: string;
  readonly column: Column<T> | undefined;
  readonly width: number | undefined;
  readonly isRight: boolean;
}

export type Letters<T> = Readonly<Record<string, Column<T>>>;

const FIELD = /([^%]*)(?:%(\.?)([0-9]*)([A-Za-z]))?/y;

/** `%.18i %.9P` of squeue and sinfo; a letter that is not in the table is refused. */
export function parseFormat<T>(
  command: string,
  format: string,
  letters: Letters<T>,
): readonly Field<T>[] {
  const fields: Field<T>[] = [];
  for (let at = 0; at < format.length; ) {
    FIELD.lastIndex = at;
    const [whole = '', before = '', dot = '', width = '', letter] = FIELD.exec(format) ?? [];
    if (whole === '') {
      throw unsupported(`${command} format ${format.slice(at)}`);
    }
    fields.push({
      before,
      column: letter === undefined ? undefined : columnOf(command, letter, letters),
      width: width === '' ? undefined : Number(width),
      isRight: dot === '.',
    });
    at += whole.length;
  }
  return fields;
}

function columnOf<T>(command: string, letter: string, letters: Letters<T>): Column<T> {
  const column = Object.hasOwn(letters, letter) ? letters[letter] : undefined;
  if (column === undefined) {
    throw unsupported(`${command} format %${letter}`);
  }
  return column;
}

export function headingLine<T>(fields: readonly Field<T>[]): string {
  return fields.map((field) => field.before + fitted(field, field.column?.heading ?? '')).join('');
}

export function line<T>(fields: readonly Field<T>[], thing: T): string {
  return fields
    .map((field) => field.before + fitted(field, field.column?.text(thing) ?? ''))
    .join('');
}

/** Cut and padded to the width, as SLURM does. */
function fitted<T>({ width, isRight }: Field<T>, text: string): string {
  if (width === undefined) {
    return text;
  }
  const cut = text.slice(0, width);
  return isRight ? cut.padStart(width) : cut.padEnd(width);
}
