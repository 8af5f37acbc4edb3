import { escapeControls } from '../ledger/user-line.ts';

const SPECIAL = /[",]/u;
/** A spreadsheet would take such a text for a formula. A number is not one. */
const FORMULA = /^\s*[=+@＝＋－＠]|^\s*-(?![\d.]+$)/u;

/**
 * One field of RFC 4180, always on one line; text that a spreadsheet would run gets an apostrophe in
 * front, what would move a terminal's cursor is shown as \u escapes.
 */
function csvField(text: string): string {
  const safe = escapeControls(FORMULA.test(text) ? `'${text}` : text);
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A record with its line end (LF). */
export function csvLine(fields: readonly string[]): string {
  return `${fields.map(csvField).join(',')}\n`;
}
