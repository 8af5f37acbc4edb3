import { isRefused, type Refused } from '../errors.ts';
import { invalid } from '../ledger/account-words.ts';

/**
 * What MTDC leaves out by its nature (budget.md 8.2): an entry of such a category counts in MTDC only
 * when that is said. Subawards count up to their cap.
 */
const OUTSIDE_MTDC: readonly RegExp[] = [
  /equipment/iu,
  /capital/iu,
  /patient/iu,
  /\brent(?:al)?/iu,
  /tuition/iu,
  /scholarship|fellowship/iu,
  /participant/iu,
];

const SUBAWARD = /^sub-?awards?$/iu;
const BYTE_ORDER_MARK = /^\uFEFF/u;

export function countsInMtdc(category: string): boolean {
  return !OUTSIDE_MTDC.some((pattern) => pattern.test(category));
}

export function isSubaward(category: string): boolean {
  return SUBAWARD.test(category.trim());
}

interface CsvRecord {
  /** Of the file, from 1: where the record begins. */
  readonly line: number;
  readonly fields: readonly string[];
}

interface Reading {
  readonly records: CsvRecord[];
  fields: string[];
  field: string;
  line: number;
  startLine: number;
  isQuoted: boolean;
  wasQuoted: boolean;
}

function endField(reading: Reading): void {
  reading.fields.push(reading.wasQuoted ? reading.field : reading.field.trim());
  reading.field = '';
  reading.wasQuoted = false;
}

function endRecord(reading: Reading): void {
  endField(reading);
  if (reading.fields.some((field) => field !== '')) {
    reading.records.push({ line: reading.startLine, fields: reading.fields });
  }
  reading.fields = [];
  reading.startLine = reading.line;
}

function quoted(reading: Reading, character: string, next: string | undefined): boolean {
  if (character !== '"') {
    reading.field += character;
    return false;
  }
  if (next === '"') {
    reading.field += '"';
    return true;
  }
  reading.isQuoted = false;
  return false;
}

function plain(reading: Reading, character: string): void {
  if (character === '"' && reading.field.trim() === '') {
    reading.isQuoted = true;
    reading.wasQuoted = true;
    reading.field = '';
  } else if (character === ',') {
    endField(reading);
  } else if (character === '\n') {
    endRecord(reading);
  } else {
    reading.field += character;
  }
}

/** The records of an RFC 4180 file; empty lines are left out. VALIDATION_ERROR: a quote that never ends. */
function readCsv(text: string): readonly CsvRecord[] | Refused {
  const source = text.replace(BYTE_ORDER_MARK, '').replaceAll('\r\n', '\n');
  const reading: Reading = {
    records: [],
    fields: [],
    field: '',
    line: 1,
    startLine: 1,
    isQuoted: false,
    wasQuoted: false,
  };
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at] ?? '';
    reading.line += character === '\n' ? 1 : 0;
    if (!reading.isQuoted) {
      plain(reading, character);
    } else if (quoted(reading, character, source[at + 1])) {
      at += 1;
    }
  }
  if (reading.isQuoted) {
    return invalid('csv', `line ${reading.startLine}: a quote is never closed`);
  }
  endRecord(reading);
  return reading.records;
}

const ENTRY_COLUMNS: readonly string[] = [
  ...['date', 'category', 'kind', 'amount', 'share', 'in_mtdc', 'reference', 'subaward', 'notes'],
];
const NEEDED = ['date', 'category', 'amount', 'reference'];

/** An entry as its file has it: all text; '' is not said. */
export interface EntryText {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

function headerOf({ fields }: CsvRecord): readonly string[] | Refused {
  const names = fields.map((field) => field.trim().toLowerCase());
  const unknown = names.find((name) => !ENTRY_COLUMNS.includes(name));
  const missing = NEEDED.find((name) => !names.includes(name));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (unknown !== undefined || twice !== undefined) {
    const text =
      unknown === undefined ? `column ${twice} comes twice` : `column '${unknown}' is not known`;
    return invalid('csv', `line 1: ${text.slice(0, 100)}`, `columns: ${ENTRY_COLUMNS.join(', ')}`);
  }
  return missing === undefined
    ? names
    : invalid('csv', `line 1: there is no column ${missing}`, `needed: ${NEEDED.join(', ')}`);
}

/** The entries of a CSV file with a header line. VALIDATION_ERROR names the line. */
export function readEntries(text: string): readonly EntryText[] | Refused {
  const records = readCsv(text);
  if (isRefused(records)) {
    return records;
  }
  const [head, ...rows] = records;
  if (head === undefined) {
    return invalid('csv', 'the file is empty', `columns: ${ENTRY_COLUMNS.join(', ')}`);
  }
  const names = headerOf(head);
  if (isRefused(names)) {
    return names;
  }
  const wrong = rows.find(({ fields }) => fields.length !== names.length);
  return wrong === undefined
    ? rows.map(({ line, fields }) => ({
        line,
        cells: Object.fromEntries(names.map((name, at) => [name, fields[at] ?? ''])),
      }))
    : invalid(
        'csv',
        `line ${wrong.line}: ${wrong.fields.length} fields, the header has ${names.length}`,
      );
}
