const SPECIAL = /[",\r\n]/u;
/** A spreadsheet would take such a text for a formula. A number is not one. */
const FORMULA = /^[=+@\t\r]|^-(?![\d.]+$)/u;

/** One field of RFC 4180; text that a spreadsheet would run gets an apostrophe in front. */
function csvField(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A record with its line end (LF). */
export function csvLine(fields: readonly string[]): string {
  return `${fields.map(csvField).join(',')}\n`;
}
