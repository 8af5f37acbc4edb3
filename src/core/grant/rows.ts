import type { Money } from '../money/money.ts';

// The rows of grants in core's words, as core/ledger/rows.ts has the others: reliability.md 1.1 with
// what budget.md 1.7 and 8.1 add. Empty text: not said.

export const AWARD_STATUSES = ['pending', 'active', 'suspended', 'completed', 'cancelled'] as const;
export type AwardStatus = (typeof AWARD_STATUSES)[number];
export const CARRYOVER_POLICIES = ['automatic', 'prior_approval', 'none'] as const;
export type CarryoverPolicy = (typeof CARRYOVER_POLICIES)[number];
export const REPORT_FREQUENCIES = ['quarterly', 'semi_annual', 'annual'] as const;
export type ReportFrequency = (typeof REPORT_FREQUENCIES)[number];
export const ACCOUNTING_BASES = ['cash', 'accrual'] as const;
export type AccountingBasis = (typeof ACCOUNTING_BASES)[number];

/** A grant. */
export interface AwardRow {
  readonly awardId: number;
  readonly number: string;
  /** Authorised so far (SF-425 10d): what its changes add up to. */
  readonly amount: Money;
  readonly startS: number;
  /** The last second. */
  readonly endS: number;
  readonly agency: string;
  readonly program: string;
  readonly pi: string;
  readonly coPis: readonly string[];
  readonly institution: string;
  readonly department: string;
  /** total_award_amount: more than `amount` where the award comes in instalments. */
  readonly total: Money;
  /** Absent: total / (1 + rate), to the cent. */
  readonly direct?: Money | undefined;
  readonly periodMonths: number;
  readonly status: AwardStatus;
  /** JSON text or ''. */
  readonly compliance: string;
  readonly federalAwardId: string;
  readonly projectCode: string;
  readonly costCenter: string;
  readonly fain: string;
  readonly assistanceListing: string;
  readonly uei: string;
  readonly ein: string;
  readonly recipientAccount: string;
  readonly accounting: AccountingBasis;
  /** SF-425 10i. */
  readonly costShare: Money;
  /** Part of each subaward that counts in MTDC. */
  readonly subawardCap: Money;
  /** Do compute charges bear F&A? */
  readonly cloudInMtdc: boolean;
  readonly carryover: CarryoverPolicy;
  readonly reportFrequency: ReportFrequency;
  /** Nothing of it may be purged (budget.md 8.7). */
  readonly legalHold: boolean;
  readonly closedUs?: number | undefined;
  readonly createdUs: number;
  readonly updatedUs: number;
}

export const AWARD_CHANGE_KINDS = [
  'AWARD',
  'SUPPLEMENT',
  'REDUCTION',
  'NCE',
  'RATE_CHANGE',
  'CARRYOVER',
] as const;
export type AwardChangeKind = (typeof AWARD_CHANGE_KINDS)[number];

/** Append-only: how the award became what it is. */
export interface AwardChangeRow {
  readonly changeId: number;
  readonly awardId: number;
  readonly kind: AwardChangeKind;
  /** Only AWARD, SUPPLEMENT and REDUCTION move money. */
  readonly delta: Money;
  readonly effectiveS: number;
  readonly reference: string;
  /** JSON text: core/grant/details.ts has its shape for each kind. */
  readonly detail: string;
  readonly approvedBy: string;
  readonly notes: string;
  readonly createdUs: number;
}

export const RATE_TYPES = ['provisional', 'predetermined', 'final', 'fixed', 'de_minimis'] as const;
export type RateType = (typeof RATE_TYPES)[number];
export const RATE_BASES = ['MTDC', 'TDC', 'none'] as const;
export type RateBase = (typeof RATE_BASES)[number];

/** The F&A rate of some days. The standing rows of an award (not replaced) have no gap and no overlap. */
export interface FaRateRow {
  readonly rateId: number;
  readonly awardId: number;
  /** 3000 is 30 %. */
  readonly rateE4: number;
  readonly base: RateBase;
  /** YYYYMMDD in the site zone, both included. */
  readonly fromDay: number;
  readonly toDay: number;
  readonly type: RateType;
  /** The row that took its place: it rates nothing any more. */
  readonly replacedBy?: number | undefined;
}

/** Append-only: what one transaction added to the base and the F&A of one rate row (I14). */
export interface FaRow {
  readonly rateId: number;
  readonly txnSeq: number;
  readonly base: Money;
  readonly amount: Money;
  /** Both with this row. */
  readonly cumBase: Money;
  readonly cum: Money;
}

export const ENTRY_KINDS = [
  'expenditure',
  'obligation',
  'cash_receipt',
  'cash_disbursement',
  'program_income_earned',
  'program_income_deduction',
  'program_income_addition',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];
export const ENTRY_SHARES = ['federal', 'recipient'] as const;
export type EntryShare = (typeof ENTRY_SHARES)[number];

/** Append-only: something on the grant that is no SLURM job (budget.md 8.1). */
export interface EntryRow {
  readonly entryId: number;
  readonly awardId: number;
  readonly day: number;
  readonly category: string;
  readonly kind: EntryKind;
  readonly share: EntryShare;
  readonly inMtdc: boolean;
  /** Signed: a correction is an entry of the opposite sign. */
  readonly amount: Money;
  /** One of its own each: the key of the request. */
  readonly reference: string;
  /** The `external` transaction of a federal expenditure. */
  readonly txnSeq?: number | undefined;
  /** Which subaward the cap counts for; '' is none. */
  readonly subaward: string;
  readonly notes: string;
  readonly createdUs: number;
}

/** Append-only: the recipient's part of a charge, late or adjust of an account with a federal share. */
export interface CostShareRow {
  readonly txnSeq: number;
  /** The federal part, 0 to 9999; a transaction without a row is wholly federal. */
  readonly shareE4: number;
  readonly recipient: Money;
  readonly recipientFa: Money;
}

/** A report that was handed in. */
export interface AwardReportRow {
  readonly awardId: number;
  readonly kind: ReportFrequency | 'final';
  readonly periodEndDay: number;
  readonly submittedDay: number;
  readonly reference: string;
  readonly createdUs: number;
}
