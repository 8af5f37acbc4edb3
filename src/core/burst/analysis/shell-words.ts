import type { ScriptLine } from './script-lines.ts';

// Which words of a script stand where a shell looks for a command. Quotes, comments at the end of a
// line, here-documents and redirections are none; what stands in $( ) and ` ` is a script of its own.
// A reading for hints, not a shell: nothing is expanded, and what cannot be read is read line by line.

/** One simple command: its words without quotes, the name first. */
export interface Command {
  readonly words: readonly string[];
  readonly line: number;
}

interface Reader {
  readonly text: string;
  readonly starts: readonly number[];
  readonly lines: readonly ScriptLine[];
  readonly commands: Command[];
  /** Ends of here-documents that begin with the next line. */
  readonly pending: string[];
  at: number;
  /** A quote that is never closed. */
  isBroken: boolean;
}

/** `$( )` within `$( )`: deeper than that nobody writes by hand. */
const DEPTH_MAX = 20;

export function commandsOf(lines: readonly ScriptLine[]): readonly Command[] {
  const whole = readAll(lines);
  return whole.isBroken ? lines.flatMap((line) => readAll([line]).commands) : whole.commands;
}

function readAll(lines: readonly ScriptLine[]): Reader {
  const starts: number[] = [];
  let length = 0;
  for (const { text } of lines) {
    starts.push(length);
    length += text.length + 1;
  }
  const text = lines.map((line) => line.text).join('\n');
  const reader = { text, starts, lines, commands: [], pending: [], at: 0, isBroken: false };
  while (reader.at < text.length) {
    readList(reader, '', 0); // a stray `)` ends a list too soon
  }
  return reader;
}

/** Up to the end of the text, or `end`, which is consumed. */
function readList(reader: Reader, end: '' | ')' | '`', depth: number): void {
  let words: string[] = [];
  let start = reader.at;
  function flush(): void {
    if (words.length > 0) {
      reader.commands.push({ words, line: lineAt(reader, start) });
    }
    words = [];
  }
  while (reader.at < reader.text.length) {
    const step = nextStep(reader, end);
    if (step === 'end') {
      break;
    }
    if (step === 'separator') {
      flush();
    } else if (step === 'redirect') {
      words = withoutNumber(words, reader);
      readWord(reader, end, depth);
    } else if (step === 'word') {
      start = words.length === 0 ? reader.at : start;
      words.push(readWord(reader, end, depth));
    }
  }
  flush();
}

const BLANKS = /[ \t]+/uy;
const COMMENT = /#[^\n]*/uy;
const REDIRECT = /(?:&>>?|>>|>\||>&|>|<<<|<&|<>|<(?!<))[ \t]*/uy;
const HEREDOC = /<<-?[ \t]*(?:'([^'\n]*)'|"([^"\n]*)"|\\?([^\s;&|<>()'"`]+))/uy;
const SEPARATOR = /[;&|(){}<]/u;

/** Takes what is no word; a word and the target of a redirection are the caller's. */
function nextStep(
  reader: Reader,
  end: '' | ')' | '`',
): 'end' | 'separator' | 'redirect' | 'word' | 'nothing' {
  const char = reader.text.charAt(reader.at);
  if (char === end) {
    reader.at += 1;
    return 'end';
  }
  if (char === '\n') {
    reader.at += 1;
    skipHeredocs(reader);
    return 'separator';
  }
  if (take(reader, BLANKS) !== undefined || take(reader, COMMENT) !== undefined) {
    return 'nothing';
  }
  const heredoc = take(reader, HEREDOC);
  if (heredoc !== undefined) {
    reader.pending.push(heredoc[1] ?? heredoc[2] ?? heredoc[3] ?? '');
    return 'nothing';
  }
  if (take(reader, REDIRECT) !== undefined) {
    return 'redirect';
  }
  if (SEPARATOR.test(char)) {
    reader.at += 1;
    return 'separator';
  }
  return 'word';
}

function take(reader: Reader, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text) ?? undefined;
  reader.at += found?.[0].length ?? 0;
  return found;
}

const FILE_NUMBER = /([0-9]+)[<>&|]+[ \t]*$/u;
/** Characters of a redirection: enough for `2>&`, little enough to look at often. */
const NUMBER_MAX = 16;

/** `2>&1`: the 2 belongs to the redirection. */
function withoutNumber(words: string[], { text, at }: Reader): string[] {
  const last = words.at(-1);
  const before = FILE_NUMBER.exec(text.slice(Math.max(0, at - NUMBER_MAX), at))?.[1];
  return last !== undefined && last === before ? words.slice(0, -1) : words;
}

function skipHeredocs(reader: Reader): void {
  for (const delimiter of reader.pending.splice(0)) {
    let isInside = true;
    while (isInside && reader.at < reader.text.length) {
      const next = reader.text.indexOf('\n', reader.at);
      const stop = next < 0 ? reader.text.length : next;
      isInside = reader.text.slice(reader.at, stop).trim() !== delimiter;
      reader.at = stop + 1;
    }
  }
}

const PLAIN = /[^ \t\n'"\\$`;|&()<>]+/uy;
const WORD_ENDS = /[ \t\n;|&()<>]/u;

function readWord(reader: Reader, end: '' | ')' | '`', depth: number): string {
  let word = '';
  while (reader.at < reader.text.length) {
    const char = reader.text.charAt(reader.at);
    if (WORD_ENDS.test(char) || char === end) {
      break;
    }
    word += take(reader, PLAIN)?.[0] ?? readSpecial(reader, char, depth);
  }
  return word;
}

/** A quote, an escaped letter, a substitution, or a `$`. */
function readSpecial(reader: Reader, char: string, depth: number): string {
  switch (char) {
    case "'":
      return readSingle(reader);
    case '"':
      return readDouble(reader, depth);
    case '\\':
      reader.at += 2;
      return reader.text.charAt(reader.at - 1);
    default:
      return readDollar(reader, char, depth);
  }
}

function readSingle(reader: Reader): string {
  const close = reader.text.indexOf("'", reader.at + 1);
  const stop = close < 0 ? reader.text.length : close;
  const inside = reader.text.slice(reader.at + 1, stop);
  reader.isBroken ||= close < 0;
  reader.at = stop + 1;
  return inside;
}

const IN_DOUBLE = /[^"\\$`]+/uy;

function readDouble(reader: Reader, depth: number): string {
  let inside = '';
  reader.at += 1;
  while (reader.at < reader.text.length) {
    const char = reader.text.charAt(reader.at);
    if (char === '"') {
      reader.at += 1;
      return inside;
    }
    inside += take(reader, IN_DOUBLE)?.[0] ?? readSpecial(reader, char, depth);
  }
  reader.isBroken = true;
  return inside;
}

/** `$(`, a backquote: the commands in it are found too, the word keeps its place. */
function readDollar(reader: Reader, char: string, depth: number): string {
  const isNested = char === '`' || reader.text.startsWith('$(', reader.at);
  reader.at += isNested && char === '$' ? 2 : 1;
  if (isNested && depth < DEPTH_MAX) {
    readList(reader, char === '`' ? '`' : ')', depth + 1);
  }
  return '$';
}

function lineAt({ starts, lines }: Reader, at: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= at) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return lines[low]?.line ?? 1;
}
