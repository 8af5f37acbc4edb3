import { z } from 'zod';
import { Dollars } from './common.ts';

/** `{id, ok, rows, sample}` of each predicate (reliability.md 1.2). */
export const LedgerVerify = z.array(
  z.strictObject({
    id: z.string(),
    ok: z.boolean(),
    rows: z.int(),
    sample: z.array(z.array(z.string().nullable())),
  }),
);
export type LedgerVerify = z.infer<typeof LedgerVerify>;

export const LedgerInfo = z.strictObject({
  file: z.string(),
  bytes: z.int(),
  wal_bytes: z.int(),
  schema_version: z.int(),
  program_version: z.int(),
  accounts: z.int(),
  transactions: z.int(),
  journal_rows: z.int(),
  open_holds: z.int(),
  head: z.strictObject({ seq: z.int(), hash: z.string() }).optional(),
  locked: z.boolean(),
  locked_because: z.string().optional(),
});
export type LedgerInfo = z.infer<typeof LedgerInfo>;

export const LedgerMigrate = z.strictObject({
  from: z.int(),
  to: z.int(),
  backup: z.string().optional(),
});
export type LedgerMigrate = z.infer<typeof LedgerMigrate>;

export const LedgerBackup = z.strictObject({ file: z.string(), bytes: z.int() });
export type LedgerBackup = z.infer<typeof LedgerBackup>;

export const LedgerRestore = z.strictObject({ restored: z.string(), kept: z.string().optional() });
export type LedgerRestore = z.infer<typeof LedgerRestore>;

export const LedgerUnlock = z.strictObject({ unlocked: z.boolean() });
export type LedgerUnlock = z.infer<typeof LedgerUnlock>;

export const AccountVerify = z.strictObject({
  ok: z.boolean(),
  repaired: z.boolean(),
  differences: z.array(
    z.strictObject({ account: z.string(), sum: z.string(), kept: Dollars, counted: Dollars }),
  ),
});
export type AccountVerify = z.infer<typeof AccountVerify>;
