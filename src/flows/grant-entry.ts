import { isRefused, type Refused, refused } from '../core/errors.ts';
import { type AddEntry, addEntry, type EntryAnswer } from '../core/grant/add-entry.ts';
import { startOfDay } from '../core/grant/calendar.ts';
import {
  countsInMtdc,
  type EntryText,
  isSubaward,
  readEntries,
} from '../core/grant/entry-words.ts';
import { ENTRY_KINDS, ENTRY_SHARES, type EntryRow } from '../core/grant/rows.ts';
import { invalid } from '../core/ledger/account-words.ts';
import type { Change } from '../core/ledger/change.ts';
import type { View } from '../core/ledger/view.ts';
import { type Money, toMicrosText, ZERO } from '../core/money/money.ts';
import { dayIn, type GrantPorts, sumOf, wordOf } from './steps/ask-grant.ts';
import { oneGrant, unknownGrant } from './steps/find-grant.ts';
import { allRead } from './steps/grant-words.ts';

/** As a person writes it. */
export interface NewEntry {
  readonly number: string;
  readonly date: string;
  readonly category: string;
  readonly kind?: string | undefined;
  readonly amount: string;
  readonly share?: string | undefined;
  readonly inMtdc?: boolean | undefined;
  readonly reference: string;
  readonly subaward?: string | undefined;
  readonly notes?: string | undefined;
  readonly force: boolean;
}

/** One that was recorded, was known already, or would be recorded. */
export interface EntryDone {
  readonly row: EntryRow;
  readonly answer: EntryAnswer;
  /** F&A that it bears; undefined of one that was known already. */
  readonly indirect: Money | undefined;
  readonly isChanged: boolean;
}

const ROWS_MAX = 10_000;
const SCOPE = 'site';
const YES: readonly string[] = ['yes', 'true', '1', 'y'];
const NO: readonly string[] = ['no', 'false', '0', 'n'];

function said(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}

function askOf(entry: NewEntry, zone: string): AddEntry | Refused {
  const category = entry.category.trim();
  const parts = allRead({
    day: dayIn({ text: entry.date, flag: 'date' }, zone),
    kind: wordOf({ text: entry.kind ?? 'expenditure', flag: 'kind' }, ENTRY_KINDS),
    share: wordOf({ text: entry.share ?? 'federal', flag: 'share' }, ENTRY_SHARES),
    amount: sumOf({ text: entry.amount, flag: 'amount' }, true),
  });
  if (isRefused(parts)) {
    return parts;
  }
  const subaward = said(entry.subaward);
  if (isSubaward(category) && subaward === undefined) {
    return invalid(
      'subaward',
      'a subaward needs its name: each counts in MTDC up to the cap',
      'give it with --subaward',
    );
  }
  const isBase = parts.kind === 'expenditure' || parts.kind === 'obligation';
  return {
    ...parts,
    number: entry.number,
    category,
    effectiveS: startOfDay(parts.day, zone),
    inMtdc: entry.inMtdc ?? (isBase && countsInMtdc(category)),
    reference: entry.reference.trim(),
    subaward,
    notes: said(entry.notes),
    force: entry.force,
  };
}

function argsOf(ask: AddEntry): Readonly<Record<string, string | number | boolean | null>> {
  return {
    grant: ask.number,
    day: ask.day,
    category: ask.category,
    kind: ask.kind,
    share: ask.share,
    in_mtdc: ask.inMtdc,
    amount: toMicrosText(ask.amount),
    subaward: ask.subaward ?? null,
    notes: ask.notes ?? null,
  };
}

function queryOf({ number }: AddEntry): Parameters<GrantPorts['ledger']['read']>[0] {
  return { awards: { numbers: [number], entries: true } };
}

/** The row that the entry became, or would become. */
function rowIn(view: View, ask: AddEntry): EntryRow | undefined {
  return view.awards?.awards
    .find(({ award }) => award.number === ask.number)
    ?.entries.find(({ reference }) => reference === ask.reference);
}

function indirectIn(changes: readonly Change[]): Money {
  return changes.find((change) => change.change === 'insertFa')?.row.amount ?? ZERO;
}

async function foreseen(ask: AddEntry, { ledger }: GrantPorts): Promise<EntryDone | Refused> {
  const view = await ledger.read(queryOf(ask));
  const chosen = addEntry(view, ask);
  if (isRefused(chosen)) {
    return chosen;
  }
  const known = rowIn(view, ask);
  const made = chosen.changes.find((change) => change.change === 'insertEntry');
  const row = known ?? made?.row;
  return row === undefined
    ? invalid('reference', 'the entry was not made')
    : {
        row,
        answer: chosen.answer,
        indirect: known === undefined ? indirectIn(chosen.changes) : undefined,
        isChanged: known === undefined,
      };
}

async function recorded(ask: AddEntry, { ledger }: GrantPorts): Promise<EntryDone | Refused> {
  const request = {
    scope: SCOPE,
    key: `entry:${ask.reference}`,
    verb: 'grant entry add',
    args: argsOf(ask),
    audited: true,
  };
  let indirect: Money | undefined;
  const answered = await ledger.decide(request, queryOf(ask), (view) => {
    const chosen = addEntry(view, ask);
    indirect = isRefused(chosen) ? undefined : indirectIn(chosen.changes);
    return chosen;
  });
  if (isRefused(answered)) {
    return answered.code === 'KEY_REUSED' ? otherEntry(ask) : answered;
  }
  const row = rowIn(await ledger.read(queryOf(ask)), ask);
  return row === undefined
    ? invalid('reference', `entry ${ask.reference} is not on grant ${ask.number}`)
    : { row, answer: answered.answer, indirect, isChanged: !answered.isRepeat };
}

/** The reference is the key: people know it by that name. */
function otherEntry({ number, reference }: AddEntry): Refused {
  return refused('KEY_REUSED', `reference ${reference} was used before, for another entry`, {
    advice: `see asbb grant entry list ${number}; a correction has a reference of its own`,
    fields: { grant: number, field: 'reference' },
  });
}

async function told<T>(
  result: T | Refused,
  number: string,
  { reports }: GrantPorts,
): Promise<T | Refused> {
  return isRefused(result) && result.code === 'NOT_FOUND'
    ? await unknownGrant(number, reports)
    : result;
}

/** `grant entry add`: once a reference. VALIDATION_ERROR, NOT_FOUND, POLICY, KEY_REUSED. */
export async function addGrantEntry(
  entry: NewEntry & { readonly dryRun: boolean },
  ports: GrantPorts,
): Promise<EntryDone | Refused> {
  const ask = askOf(entry, ports.zone);
  if (isRefused(ask)) {
    return ask;
  }
  const result = await (entry.dryRun ? foreseen(ask, ports) : recorded(ask, ports));
  return await told(result, entry.number, ports);
}

function flagOf(text: string): boolean | undefined | Refused {
  const plain = text.trim().toLowerCase();
  if (plain === '') {
    return;
  }
  return YES.includes(plain) || NO.includes(plain)
    ? YES.includes(plain)
    : invalid('in_mtdc', `in_mtdc ${text.slice(0, 20)}: neither yes nor no`);
}

function rowAsk(
  { line, cells }: EntryText,
  asked: { readonly number: string; readonly force: boolean },
  zone: string,
): AddEntry | Refused {
  const inMtdc = flagOf(cells['in_mtdc'] ?? '');
  const ask = isRefused(inMtdc)
    ? inMtdc
    : askOf(
        {
          ...asked,
          date: cells['date'] ?? '',
          category: cells['category'] ?? '',
          kind: said(cells['kind']),
          amount: cells['amount'] ?? '',
          share: said(cells['share']),
          inMtdc,
          reference: cells['reference'] ?? '',
          subaward: cells['subaward'],
          notes: cells['notes'],
        },
        zone,
      );
  return isRefused(ask) ? { ...ask, text: `line ${line}: ${ask.text}` } : ask;
}

export interface EntryImport {
  readonly number: string;
  /** The file's text. */
  readonly csv: string;
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** All lines read, or the first refusal: nothing is recorded of a file that cannot be read. */
function asksOf(asked: EntryImport, zone: string): readonly AddEntry[] | Refused {
  const rows = readEntries(asked.csv);
  if (isRefused(rows)) {
    return rows;
  }
  if (rows.length > ROWS_MAX) {
    return invalid('csv', `at most ${ROWS_MAX} entries in one file`);
  }
  const asks: AddEntry[] = [];
  for (const row of rows) {
    const ask = rowAsk(row, asked, zone);
    if (isRefused(ask)) {
      return ask;
    }
    if (asks.some(({ reference }) => reference === ask.reference)) {
      return invalid('reference', `line ${row.line}: reference ${ask.reference} comes twice`);
    }
    asks.push(ask);
  }
  return asks;
}

/**
 * `grant entry import`: line by line, each once by its reference, so that a file may be imported again
 * after a failure. VALIDATION_ERROR, NOT_FOUND, POLICY, KEY_REUSED; the text says how far it came.
 */
export async function importGrantEntries(
  asked: EntryImport,
  ports: GrantPorts,
): Promise<readonly EntryDone[] | Refused> {
  const known = await oneGrant(asked.number, ports.reports);
  if (isRefused(known)) {
    return known;
  }
  const asks = asksOf(asked, ports.zone);
  if (isRefused(asks)) {
    return asks;
  }
  const done: EntryDone[] = [];
  for (const ask of asks) {
    const result = await (asked.dryRun ? foreseen(ask, ports) : recorded(ask, ports));
    if (isRefused(result)) {
      const text = `entry ${ask.reference}: ${result.text}; ${done.length} before it are recorded`;
      return { ...result, text };
    }
    done.push(result);
  }
  return done;
}

/** `grant entry list`: by day. NOT_FOUND. */
export async function listGrantEntries(
  number: string,
  { reports }: Pick<GrantPorts, 'reports'>,
): Promise<readonly EntryRow[] | Refused> {
  const report = await oneGrant(number, reports, { entries: true });
  return isRefused(report) ? report : report.figures.entries;
}
