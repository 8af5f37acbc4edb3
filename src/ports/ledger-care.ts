import type { Money } from '../core/money/money.ts';

// The ledger as a file: what `asbb ledger …` and maintain's daily checks need (reliability.md 2.4).

export interface LedgerInfo {
  readonly file: string;
  readonly bytes: number;
  readonly walBytes: number;
  readonly schemaVersion: number;
  readonly programVersion: number;
  readonly accounts: number;
  readonly transactions: number;
  readonly journalRows: number;
  readonly openHolds: number;
  readonly head: JournalHead | undefined;
  /** True while a failed check keeps every writing command out. */
  readonly isLocked: boolean;
  readonly lockedBecause: string;
}

/** The end of the hash chain. */
export interface JournalHead {
  readonly seq: number;
  /** 64 lower-case hex digits. */
  readonly hash: string;
}

/** One predicate of reliability.md 1.2. `isWarning`: I20 without `strict`. */
export interface CheckResult {
  readonly id: string;
  readonly ok: boolean;
  readonly rows: number;
  /** At most 20 violating rows, integers as decimal text. */
  readonly sample: readonly (readonly (string | null)[])[];
  readonly isWarning: boolean;
}

export interface VerifyReport {
  readonly checks: readonly CheckResult[];
  readonly notes: readonly string[];
}

export interface VerifyOptions {
  /** A copy of `heads.log`, lines `<seq> <hash> …`: a head that is not in the chain fails I8. */
  readonly heads?: string | undefined;
  /** I20 fails instead of warning. */
  readonly strict?: boolean;
  /** Seconds between two runs of `asbb maintain`. */
  readonly reconcilePeriodS?: number;
  /** Another file than the configured one (a backup). */
  readonly file?: string | undefined;
}

/** A kept sum that is not what the postings add up to. */
export interface SumDifference {
  readonly account: string;
  /** `free`, `held`, `spent on aws`, `held below`, … */
  readonly what: string;
  readonly kept: Money;
  readonly counted: Money;
}

export interface MigrateReport {
  readonly from: number;
  readonly to: number;
  /** '' when there was nothing to save. */
  readonly backup: string;
}

/** Every method throws a Fault: 75 busy, 1 wrong place, 22 the file or a backup does not verify. */
export interface LedgerCare {
  info(): Promise<LedgerInfo>;
  /** Never writes; one read transaction. */
  verify(options?: VerifyOptions): Promise<VerifyReport>;
  migrate(): Promise<MigrateReport>;
  /** Beside live hooks; refuses to overwrite. Returns the bytes written. */
  backup(target: string): Promise<number>;
  /** Verifies `source` first; returns where the replaced ledger was kept, '' if there was none. */
  restore(source: string): Promise<string>;
  /** `quick` daily, `integrity` weekly. A failed one locks the ledger; the text says what is wrong, '' if sound. */
  check(depth: 'quick' | 'integrity'): Promise<string>;
  /** False: it was not locked. */
  unlock(): Promise<boolean>;
  head(): Promise<JournalHead | undefined>;
  /** Appends `<seq> <hash> <time>` to `heads.log` beside the ledger and returns the head. */
  recordHead(): Promise<JournalHead | undefined>;
  /** Of one account or of all; empty: every sum is right. */
  compareSums(account?: string): Promise<readonly SumDifference[]>;
  /** Copies that migrations made beside the ledger, newest first. */
  savedBefore(version: number): Promise<readonly string[]>;
  /** Makes balance, partition_balance, below and day_spend anew from the postings; never a posting. */
  repairSums(): Promise<number>;
}
