import type { AccountRow, BudgetRow } from '../ledger/rows.ts';
import type { Money } from '../money/money.ts';
import type { DaySpending } from './carryover.ts';
import type { GrantPlan } from './periods.ts';
import type {
  AwardChangeRow,
  AwardReportRow,
  AwardRow,
  CostShareRow,
  EntryRow,
  FaRateRow,
  FaRow,
} from './rows.ts';

// What a decision may see of grants: parts of core/ledger/view.ts View and Query.

/** What was booked under one rate row so far: the newest fa row's running sums. */
export interface FaSum {
  readonly rateId: number;
  readonly cumBase: Money;
  readonly cum: Money;
}

/** What the periods of a grant have (budget.md 8.5): comes where a hold must fit the current one. */
export interface PeriodMoney {
  readonly changes: readonly AwardChangeRow[];
  readonly plan: GrantPlan;
  /** All that the award paid, with F&A and entries. */
  readonly spending: readonly DaySpending[];
  /** Held with F&A on all its budgets. */
  readonly committed: Money;
}

/** What a payment looks at: comes with every budget of a grant (`BudgetFigures.award`). */
export interface BudgetAward {
  readonly award: AwardRow;
  /** What the award has left for budgets, F&A and entries; below zero after real costs. */
  readonly left: Money;
  /** Standing and replaced, by day. */
  readonly rates: readonly FaRateRow[];
  /** Of the rows that rated something. */
  readonly fa: readonly FaSum[];
  /** With `payer.periods`. */
  readonly period?: PeriodMoney | undefined;
}

/** A budget that draws on the award, with its account. */
export interface AwardBudget {
  readonly budget: BudgetRow;
  readonly accountName: string;
  readonly account: AccountRow;
  readonly free: Money;
  /** Direct money only, F&A apart: whatever the budget's basis. */
  readonly held: Money;
  readonly spent: Money;
  readonly faHeld: Money;
  readonly faSpent: Money;
  readonly openHoldCount: number;
  /** With `links`: what `link` moved here from the account's plain budget, less what `unlink` moved back. */
  readonly linked: Money;
}

/** Direct money that budgets of the award spent, by the day whose rate it bears. */
export interface SpentOnDay {
  readonly budgetId: number;
  /** YYYYMMDD: of an adjust, the day of the charge that it corrects. */
  readonly day: number;
  readonly amount: Money;
}

/** F&A base booked by one budget (absent: by entries) under one rate row. */
export interface BaseBooked {
  readonly rateId: number;
  readonly budgetId?: number | undefined;
  readonly base: Money;
}

export interface AwardFigures extends BudgetAward {
  /** Oldest first. */
  readonly changes: readonly AwardChangeRow[];
  /** Closed ones too, by account name and rank. */
  readonly budgets: readonly AwardBudget[];
  /** Booked outside SLURM: direct, and its F&A. */
  readonly external: Money;
  readonly faExternal: Money;
  readonly reports: readonly AwardReportRow[];
  /** With `entries`: by day, then id. */
  readonly entries: readonly EntryRow[];
  /** With `rating`. */
  readonly spentOnDays: readonly SpentOnDay[];
  readonly baseBooked: readonly BaseBooked[];
}

export interface AwardSelector {
  readonly numbers?: readonly string[];
  readonly all?: boolean;
  /** Fills `entries`. */
  readonly entries?: boolean;
  /** Fills `spentOnDays` and `baseBooked`: whoever changes a rate needs them. Reads all postings. */
  readonly rating?: boolean;
  /** Fills `linked` of the budgets. Reads all transactions. */
  readonly links?: boolean;
}

export interface NextAwardIds {
  readonly awardId: number;
  readonly changeId: number;
  readonly rateId: number;
  readonly entryId: number;
}

export interface AwardsView {
  /** By number. */
  readonly awards: readonly AwardFigures[];
  readonly next: NextAwardIds;
}

/** A decision's changes of grants; Change of core/ledger/change.ts has them. */
export type AwardLedgerChange =
  | { readonly change: 'putAward'; readonly row: AwardRow }
  | { readonly change: 'insertAwardChange'; readonly row: AwardChangeRow }
  | { readonly change: 'putFaRate'; readonly row: FaRateRow }
  | { readonly change: 'insertEntry'; readonly row: EntryRow }
  | { readonly change: 'insertFa'; readonly row: FaRow }
  | { readonly change: 'insertCostShare'; readonly row: CostShareRow }
  | { readonly change: 'putAwardReport'; readonly row: AwardReportRow };
