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
  for (let at = 0; at < args.length; ) {
    const arg = args[at] ?? '';
    const isWord = !arg.startsWith('-') || arg === '-';
    if (arg === '--' || (isWord && stopsAtWord)) {
      words.push(...args.slice(isWord ? at : at + 1));
      break;
    }
    if (isWord) {
      words.push(arg);
      at += 1;
    } else {
      const take = arg.startsWith('--') ? takeLong : takeShort;
      at += take(command, args, at, { table, options });
    }
  }
  return { options, words };
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
