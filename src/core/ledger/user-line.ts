import type { Refused } from '../errors.ts';

const LINE_BYTES_MAX = 400;
const MARK = '…';
const CONTROLS = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function byteLength(character: string): number {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x80) {
    return 1;
  }
  if (point < 0x8_00) {
    return 2;
  }
  return point < 0x1_00_00 ? 3 : 4;
}

function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) {
    bytes += byteLength(character);
  }
  return bytes;
}

/** C0, DEL, C1, bidirectional and line separators as \u escapes: nothing of ours moves a cursor. */
export function escapeControls(text: string): string {
  return text.replaceAll(
    CONTROLS,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** At most so many bytes of UTF-8, whole characters, with a mark where it was cut. */
export function cutBytes(text: string, max: number): string {
  if (bytesOf(text) <= max) {
    return text;
  }
  let kept = '';
  let room = max - bytesOf(MARK);
  for (const character of text) {
    room -= byteLength(character);
    if (room < 0) {
      break;
    }
    kept += character;
  }
  return `${kept}${MARK}`;
}

/**
 * The line that the user of sbatch reads (reliability.md 5): one line, at most 400 bytes, control
 * characters escaped. `asbb: this job needs …; ask its owner or shorten --time [INSUFFICIENT_BUDGET]`
 */
export function userLine({ code, text, advice }: Refused): string {
  const sentence = advice === '' ? text : `${text}; ${advice}`;
  const tail = ` [${code}]`;
  const head = `asbb: ${escapeControls(sentence)}`;
  return `${cutBytes(head, LINE_BYTES_MAX - tail.length)}${tail}`;
}
