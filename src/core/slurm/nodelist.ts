import { type Counter, compareCounters, counter, counterText, span } from './counter.ts';

/** Why a node list was refused; `column` counts from 1. Nothing of a bad list is acted upon. */
export interface NodelistError {
  readonly kind: 'nodelist_error';
  readonly column: number;
  readonly why: string;
  /** `bad nodelist at column C: WHY` */
  readonly text: string;
}

export interface ExpandOptions {
  /** Refuse what SLURM 22.05 refuses too: text after the last bracket (`n[1-2]-ib`). */
  readonly strict?: boolean;
  /** Drop later duplicates. */
  readonly unique?: boolean;
}

interface Range {
  readonly first: Counter;
  readonly count: number;
  readonly width: number;
}

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bracket'; readonly ranges: readonly Range[] };

interface Element {
  readonly pieces: readonly Piece[];
  readonly count: number;
  /** Where the text goes on. */
  readonly end: number;
}

interface Parsed<T> {
  readonly value: T;
  readonly end: number;
}

export const NODES_MAX = 100_000;
/** The most numbers in one range that SLURM takes (measured on 22.05). */
const RANGE_MAX = 65_536;
const NAME_MAX = 255;
const TOO_LARGE = 'number is larger than 9223372036854775807';

const TEXT = /[A-Za-z0-9._-]+/y;
const NUMBER = /[0-9]+/y;
const BLANK = /[ \t\r\n]/;
const SEPARATOR = /[, \t\r\n]/;
const PRINTABLE = /^[!-~]$/;

export function isNodelistError(value: unknown): value is NodelistError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'nodelist_error'
  );
}

/**
 * Names of a SLURM node list in the order of writing, duplicates kept (burst.md 6, NL-1 to NL-7).
 * An empty list is an empty array. Limits are counted before anything is expanded.
 */
export function expandNodelist(
  text: string,
  options: ExpandOptions = {},
): readonly string[] | NodelistError {
  const elements = parseList(text, options.strict ?? false);
  if (isNodelistError(elements)) {
    return elements;
  }
  const names = elements.flatMap(({ pieces }) => expandElement(pieces));
  return options.unique === true ? [...new Set(names)] : names;
}

/** The shortest list that expands to the same set, groups in byte order (burst.md 6). */
export function compressNodelist(names: readonly string[]): string {
  const groups = new Map<string, { name: string; prefix: string; digits: string[] }>();
  for (const name of new Set(names)) {
    const [prefix, digits] = splitName(name);
    // A name without a number sorts before the numbered group of the same text.
    const key = digits === undefined ? `${name}\u0000` : `${prefix}\u0000\u0001`;
    const group = groups.get(key) ?? { name, prefix, digits: [] };
    groups.set(key, group);
    if (digits !== undefined) {
      group.digits.push(digits);
    }
  }
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) =>
      group.digits.length < 2 ? group.name : `${group.prefix}[${joinRanges(group.digits)}]`,
    )
    .join(',');
}

function bad(at: number, why: string): NodelistError {
  const column = at + 1;
  return {
    kind: 'nodelist_error',
    column,
    why,
    text: `bad nodelist at column ${column}: ${why}`,
  };
}

function parseList(text: string, strict: boolean): readonly Element[] | NodelistError {
  const elements: Element[] = [];
  let total = 0;
  let at = 0;
  while (at < text.length) {
    if (SEPARATOR.test(text.charAt(at))) {
      at += 1;
    } else {
      const element = parseElement(text, at, strict);
      if (isNodelistError(element)) {
        return element;
      }
      total += element.count;
      if (total > NODES_MAX) {
        return bad(at, `more than ${NODES_MAX} names`);
      }
      elements.push(element);
      at = element.end;
    }
  }
  return elements;
}

function parseElement(text: string, start: number, strict: boolean): Element | NodelistError {
  const pieces: Piece[] = [];
  let at = start;
  while (at < text.length && !SEPARATOR.test(text.charAt(at))) {
    const piece = parsePiece(text, at);
    if (isNodelistError(piece)) {
      return piece;
    }
    pieces.push(piece.value);
    at = piece.end;
  }
  const last = pieces.at(-1);
  if (strict && last?.kind === 'text' && pieces.length > 1) {
    return bad(at - last.text.length, 'text after the last bracket');
  }
  if (longest(pieces) > NAME_MAX) {
    return bad(start, `a name is longer than ${NAME_MAX} characters`);
  }
  return { pieces, count: countOf(pieces), end: at };
}

function parsePiece(text: string, at: number): Parsed<Piece> | NodelistError {
  if (text.charAt(at) === '[') {
    const ranges = parseBracket(text, at + 1);
    return isNodelistError(ranges)
      ? ranges
      : { value: { kind: 'bracket', ranges: ranges.value }, end: ranges.end };
  }
  const word = match(TEXT, text, at);
  if (word === '') {
    return bad(at, text.charAt(at) === ']' ? 'bracket is not opened' : unwanted(text, at));
  }
  return { value: { kind: 'text', text: word }, end: at + word.length };
}

function parseBracket(text: string, start: number): Parsed<readonly Range[]> | NodelistError {
  if (text.charAt(start) === ']') {
    return bad(start, 'empty bracket');
  }
  const ranges: Range[] = [];
  let at = start;
  for (;;) {
    const range = parseRange(text, at);
    if (isNodelistError(range)) {
      return range;
    }
    ranges.push(range.value);
    at = range.end + 1;
    const next = text.charAt(range.end);
    if (next === ']') {
      return { value: ranges, end: at };
    }
    if (next !== ',') {
      return bad(range.end, whyNoRange(text, range.end));
    }
  }
}

function parseRange(text: string, at: number): Parsed<Range> | NodelistError {
  const low = match(NUMBER, text, at);
  if (low === '') {
    return bad(at, text.charAt(at) === '-' ? 'range has no start' : whyNoRange(text, at));
  }
  const first = counter(low);
  const dash = at + low.length;
  if (first === undefined) {
    return bad(at, TOO_LARGE);
  }
  if (text.charAt(dash) !== '-') {
    return { value: { first, count: 1, width: low.length }, end: dash };
  }
  const last = parseEnd(text, dash + 1);
  if (isNodelistError(last)) {
    return last;
  }
  const count = span(first, last.value);
  if (count < 1 || count > RANGE_MAX) {
    return bad(at, count < 1 ? 'range is reversed' : `more than ${RANGE_MAX} numbers in one range`);
  }
  return { value: { first, count, width: low.length }, end: last.end };
}

function parseEnd(text: string, at: number): Parsed<Counter> | NodelistError {
  const digits = match(NUMBER, text, at);
  if (digits === '') {
    const isMissing = text.charAt(at) === ',' || text.charAt(at) === ']';
    return bad(at, isMissing ? 'range has no end' : whyNoRange(text, at));
  }
  const value = counter(digits);
  return value === undefined ? bad(at, TOO_LARGE) : { value, end: at + digits.length };
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function whyNoRange(text: string, at: number): string {
  const found = text.charAt(at);
  if (found === '') {
    return 'bracket is not closed';
  }
  if (found === ',' || found === ']') {
    return 'empty range inside a bracket';
  }
  if (found === '[') {
    return 'bracket inside a bracket';
  }
  return BLANK.test(found) ? 'blank inside a bracket' : `${unwanted(text, at)} inside a bracket`;
}

function unwanted(text: string, at: number): string {
  const found = text.charAt(at);
  if (PRINTABLE.test(found)) {
    return `character ${found} is not allowed`;
  }
  const code = text.codePointAt(at) ?? 0;
  return `character U+${code.toString(16).toUpperCase().padStart(4, '0')} is not allowed`;
}

function countOf(pieces: readonly Piece[]): number {
  return pieces.reduce(
    (product, piece) => (piece.kind === 'text' ? product : product * sizeOf(piece.ranges)),
    1,
  );
}

function sizeOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, range) => sum + range.count, 0);
}

function longest(pieces: readonly Piece[]): number {
  return pieces.reduce(
    (sum, piece) => sum + (piece.kind === 'text' ? piece.text.length : widest(piece.ranges)),
    0,
  );
}

function widest(ranges: readonly Range[]): number {
  return ranges.reduce(
    (most, { first, count, width }) => Math.max(most, counterText(first, count - 1, width).length),
    0,
  );
}

function expandElement(pieces: readonly Piece[]): readonly string[] {
  let names: readonly string[] = [''];
  for (const piece of pieces) {
    names =
      piece.kind === 'text'
        ? names.map((name) => name + piece.text)
        : names.flatMap((name) => piece.ranges.flatMap((range) => expandRange(name, range)));
  }
  return names;
}

function expandRange(prefix: string, { first, count, width }: Range): readonly string[] {
  const names: string[] = [];
  for (let step = 0; step < count; step += 1) {
    names.push(prefix + counterText(first, step, width));
  }
  return names;
}

/** Text before the last digits, and those digits when they can stand in a bracket. */
function splitName(name: string): readonly [prefix: string, digits: string | undefined] {
  let at = name.length;
  while (at > 0 && isDigit(name.charCodeAt(at - 1))) {
    at -= 1;
  }
  const digits = name.slice(at);
  return digits === '' || counter(digits) === undefined
    ? [name, undefined]
    : [name.slice(0, at), digits];
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

interface Member {
  readonly text: string;
  readonly value: Counter;
  readonly widthClass: number;
}

function joinRanges(digits: readonly string[]): string {
  const ranges: { low: string; high: string; next: string; count: number }[] = [];
  for (const member of sortMembers(digits)) {
    const last = ranges.at(-1);
    if (last?.next === member.text && last.count < RANGE_MAX) {
      last.high = member.text;
      last.count += 1;
      last.next = counterText(member.value, 1, last.low.length);
    } else {
      const next = counterText(member.value, 1, member.text.length);
      ranges.push({ low: member.text, high: member.text, next, count: 1 });
    }
  }
  return ranges.map(({ low, high }) => (low === high ? low : `${low}-${high}`)).join(',');
}

function sortMembers(digits: readonly string[]): readonly Member[] {
  const padded = [
    ...new Set(digits.filter((text) => text.startsWith('0')).map((text) => text.length)),
  ].toSorted((a, b) => b - a);
  return digits
    .flatMap((text) => {
      const value = counter(text);
      const widthClass = padded.find((length) => length <= text.length) ?? 0;
      return value === undefined ? [] : [{ text, value, widthClass }];
    })
    .toSorted((a, b) => a.widthClass - b.widthClass || compareCounters(a.value, b.value));
}
