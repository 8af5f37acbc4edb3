import type { EntryKind, EntryRow, EntryShare } from '../grant/rows.ts';
import { type Money, plus, sum } from '../money/money.ts';
import { exactly, fraction, multiplied, toCents } from '../money/ratio.ts';
import type { OpenHold } from './books.ts';
import { rateText } from './indirect.ts';

/** Entries of one kind, up to the end of the period. */
export function entriesOf(
  entries: readonly EntryRow[],
  kind: EntryKind,
  share?: EntryShare,
): readonly EntryRow[] {
  return entries.filter((entry) => entry.kind === kind && (share ?? entry.share) === entry.share);
}

export function entrySum(entries: readonly EntryRow[]): Money {
  return sum(entries.map(({ amount }) => amount));
}

/** Entries that count in a report: of days up to its end, recorded by its as-of. */
export function countedEntries(
  entries: readonly EntryRow[],
  until: { readonly endDay: number; readonly asOfUs: number; readonly highestSeq: number },
): readonly EntryRow[] {
  return entries.filter(
    ({ day, createdUs, txnSeq }) =>
      day <= until.endDay && createdUs <= until.asOfUs && (txnSeq ?? 0) <= until.highestSeq,
  );
}

/** The federal part of a hold with its F&A; recipient part = whole − round(whole × share). */
export function federalPart(hold: OpenHold): Money {
  const { amount, fa, federalShareE4 } = hold;
  return federalShareE4 === 10_000
    ? plus(amount, fa)
    : plus(shareOf(amount, federalShareE4), shareOf(fa, federalShareE4));
}

function shareOf(amount: Money, shareE4: number): Money {
  return toCents(multiplied(exactly(amount), fraction(rateText(shareE4))));
}
