import { unsupported } from './complaint.ts';

/** One option of a command: its long name, its letter, and whether a value follows. */
export interface Option {
  readonly name: string;
  readonly letter?: string;
  readonly takes: 'nothing' | 'value' | 'maybe';
}

export interface Given {
  readonly options: ReadonlyMap<string, string>;
  readonly words: readonly string[];
}

/** getopt_long as SLURM's commands use it; what the table lacks is refused, never ignored. */
export function parseOptions(
  command: string,
  args: readonly string[],
  table: readonly Option[],
  stopsAtWord = false,
): Given {
  const options = new Map<string, string>();
  const words: string[] = [];
  let at = 0;
  while (at < args.length && !endsOptions(args[at] ?? '', stopsAtWord)) {
    if (isWord(args[at] ?? '')) {
      words.push(args[at] ?? '');
      at += 1;
    } else {
      at += takeOption(command, args, at, { table, options });
    }
  }
  return { options, words: [...words, ...args.slice(args[at] === '--' ? at + 1 : at)] };
}

function endsOptions(arg: string, stopsAtWord: boolean): boolean {
  return arg === '--' || (stopsAtWord && isWord(arg));
}

function isWord(arg: string): boolean {
  return !arg.startsWith('-') || arg === '-';
}

function takeOption(command: string, args: readonly string[], at: number, parse: Parse): number {
  const take = args[at]?.startsWith('--') === true ? takeLong : takeShort;
  return take(command, args, at, parse);
}

interface Parse {
  readonly table: readonly Option[];
  readonly options: Map<string, string>;
}

/** Returns how many words it used up. */
function takeLong(command: string, args: readonly string[], at: number, parse: Parse): number {
  const arg = args[at] ?? '';
  const equals = arg.indexOf('=');
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
  const option = parse.table.find((each) => each.name === name);
  if (option === undefined || (option.takes === 'nothing' && equals >= 0)) {
    throw unsupported(`${command} ${arg}`);
  }
  if (option.takes !== 'value' || equals >= 0) {
    parse.options.set(name, equals < 0 ? '' : arg.slice(equals + 1));
    return 1;
  }
  parse.options.set(name, valueAfter(command, args, at));
  return 2;
}

/** `-N2`, `-N 2`, `-nP` (several letters that take nothing). */
function takeShort(command: string, args: readonly string[], at: number, parse: Parse): number {
  const letters = (args[at] ?? '').slice(1);
  for (let index = 0; index < letters.length; index += 1) {
    const letter = letters[index];
    const option = parse.table.find((each) => each.letter === letter);
    if (option === undefined) {
      throw unsupported(`${command} -${letter}`);
    }
    const rest = letters.slice(index + 1);
    if (option.takes === 'value') {
      parse.options.set(option.name, rest === '' ? valueAfter(command, args, at) : rest);
      return rest === '' ? 2 : 1;
    }
    parse.options.set(option.name, '');
  }
  return 1;
}

function valueAfter(command: string, args: readonly string[], at: number): string {
  const value = args[at + 1];
  if (value === undefined) {
    throw unsupported(`${command} ${args[at]} without its value`);
  }
  return value;
}
