import type { instance, intent } from '../../../schema/tables/fleet.ts';
import type { hold } from '../../../schema/tables/holds.ts';
import type { HoldRow, InstanceRow, IntentRow } from '../../core/ledger/rows.ts';
import { fromMicros, rateFromE10 } from '../../core/money/storage.ts';
import { volumesOf } from './tables.ts';

// Rows as drizzle gives them, in core's words: NULL is undefined, micro-dollars are Money.

export function holdRow(row: typeof hold.$inferSelect): HoldRow {
  return {
    ...row,
    parentId: row.parentId ?? undefined,
    jobId: row.jobId ?? undefined,
    submitS: row.submitS ?? undefined,
    endedSeq: row.endedSeq ?? undefined,
    amount: fromMicros(row.amount),
    fa: fromMicros(row.fa),
  };
}

export function intentRow(row: typeof intent.$inferSelect): IntentRow {
  return {
    ...row,
    holdId: row.holdId ?? undefined,
    sentUs: row.sentUs ?? undefined,
    jobId: row.jobId ?? undefined,
    aborted: row.aborted !== 0,
  };
}

export function instanceRow({
  rateE10,
  volumes,
  priceMissing,
  ...row
}: typeof instance.$inferSelect): InstanceRow {
  return {
    ...row,
    endS: row.endS ?? undefined,
    tagCluster: row.tagCluster ?? undefined,
    tagIntent: row.tagIntent ?? undefined,
    tagHold: row.tagHold ?? undefined,
    rate: rateFromE10(rateE10),
    volumes: volumesOf(volumes),
    isPriceMissing: priceMissing !== 0 || undefined,
  };
}
