import type { Money } from '../money/money.ts';

// What the books say of one grant as of a moment, up to the last day of a reporting period: the plain
// inputs of every report. Days are YYYYMMDD in the site zone.

/** Net charges of the grant's budgets that belong to one day: direct money, and its F&A. */
export interface DayCost {
  readonly day: number;
  readonly spent: Money;
  readonly fa: Money;
}

/** The same of a span of days; `day` is the first of them with any. */
export interface SpanCost extends DayCost {
  /** Of its days those with direct money. */
  readonly dayCount: number;
}

export interface BudgetCost {
  readonly budgetId: number;
  readonly accountName: string;
  /** Up to the end of the reporting period. */
  readonly spent: Money;
  readonly fa: Money;
  /** Of the days of the range alone. */
  readonly spentInRange: Money;
  readonly faInRange: Money;
}

/** What was booked, up to the end of the reporting period, on the recipient's share. */
export interface RecipientCost {
  readonly recipient: Money;
  readonly recipientFa: Money;
}

/** Base and F&A of one rate row, up to the end of the reporting period. */
export interface RateBooked {
  readonly rateId: number;
  readonly base: Money;
  readonly amount: Money;
  readonly recipientFa: Money;
}

/** A hold that is an obligation at the end of the reporting period. */
export interface OpenHold {
  readonly holdId: number;
  readonly token: string;
  readonly openedSeq: number;
  readonly openedDay: number;
  readonly budgetId: number;
  readonly accountName: string;
  readonly partition: string;
  readonly userName: string;
  readonly jobId?: number | undefined;
  readonly arrayTask: number;
  readonly amount: Money;
  readonly fa: Money;
  /** The account's federal part now, in 1/10000. */
  readonly federalShareE4: number;
  /** False: it was charged since, on a day after the period. */
  readonly isOpen: boolean;
}

export interface AwardBooks {
  /** The highest transaction that counts; 0 without any. */
  readonly highestSeq: number;
  /** Ascending, by day or by span; after the reporting period too, in so far as they are known. */
  readonly days: readonly SpanCost[];
  readonly budgets: readonly BudgetCost[];
  readonly recipient: RecipientCost;
  readonly rates: readonly RateBooked[];
  readonly holds: readonly OpenHold[];
  /** On all its budgets at the as-of, with F&A. */
  readonly held: Money;
  /** Booked outside SLURM, by day: `spent` is the entries, `fa` theirs. */
  readonly externals: readonly DayCost[];
}

/** One transaction on the grant's money, as a report explains it. */
export interface CostTxn {
  readonly seq: number;
  readonly kind: 'charge' | 'late' | 'adjust' | 'external';
  readonly cause: string;
  readonly day: number;
  /** '' of an external one. */
  readonly accountName: string;
  readonly partition: string;
  readonly userName: string;
  readonly jobId?: number | undefined;
  readonly arrayTask: number;
  readonly holdId?: number | undefined;
  readonly direct: Money;
  readonly fa: Money;
  readonly recipient: Money;
  readonly recipientFa: Money;
  readonly rates: readonly {
    readonly rateId: number;
    readonly base: Money;
    readonly amount: Money;
  }[];
}

/** Which part of the books a report reads. */
export interface BooksQuery {
  readonly awardId: number;
  /** What was recorded after this moment does not count. */
  readonly asOfUs: number;
  /** First day of the range, and its first second. */
  readonly startDay: number;
  readonly startS: number;
  /** Last day of the reporting period, and its last moment. */
  readonly endDay: number;
  readonly endUs: number;
  /** First days of the spans that `books` adds up; absent: it lists each day. */
  readonly cuts?: readonly number[] | undefined;
}
