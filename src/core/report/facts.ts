import type { PeriodFigures } from '../grant/carryover.ts';
import type {
  AwardChangeRow,
  AwardReportRow,
  AwardRow,
  EntryKind,
  EntryRow,
  EntryShare,
  FaRateRow,
} from '../grant/rows.ts';
import { absolute, type Money, minus, plus, sum, ZERO } from '../money/money.ts';
import type { AwardBooks } from './books.ts';
import type { ReportDue } from './due.ts';
import { entriesOf, entrySum, federalPart } from './entries.ts';
import { type Indirect, indirectLines, rateWarnings, uncoveredDays } from './indirect.ts';
import { type Mtdc, mtdcOf } from './mtdc.ts';
import type { Sf425Input } from './sf425.ts';

/** Everything that reports on one grant are made of; rows recorded after the as-of are gone. */
export interface GrantFacts {
  readonly award: AwardRow;
  readonly changes: readonly AwardChangeRow[];
  readonly rates: readonly FaRateRow[];
  /** Of days up to the end of the reporting period. */
  readonly entries: readonly EntryRow[];
  readonly reports: readonly AwardReportRow[];
  readonly books: AwardBooks;
  readonly periods: readonly PeriodFigures[];
  readonly due: readonly ReportDue[];
  readonly startDay: number;
  readonly endDay: number;
  readonly periodNumber?: number | undefined;
  readonly grantStartDay: number;
  readonly grantEndDay: number;
  /** The day of the as-of. */
  readonly today: number;
  readonly asOfUs: number;
  readonly endS: number;
  /** `grant_management.de_minimis_cap` in 1/10000. */
  readonly deMinimisCap: number;
}

/** 10d: what was authorised by changes in effect at the end of the period. */
export function authorized({ changes, endS }: GrantFacts): readonly AwardChangeRow[] {
  return changes.filter(({ delta, effectiveS }) => delta !== ZERO && effectiveS <= endS);
}

function daysSum(facts: GrantFacts): Money {
  return sum(facts.books.days.filter(({ day }) => day <= facts.endDay).map(({ spent }) => spent));
}

/** Direct compute charges that the federal side bears. */
function federalCompute(facts: GrantFacts): Money {
  return minus(daysSum(facts), facts.books.recipient.recipient);
}

function federalExpenditures({ entries }: GrantFacts): readonly EntryRow[] {
  return entriesOf(entries, 'expenditure', 'federal');
}

export function isFinalReport({ endDay, grantEndDay }: GrantFacts): boolean {
  return endDay >= grantEndDay;
}

export function sf425Input(facts: GrantFacts): Sf425Input {
  const { award, entries, books } = facts;
  function total(kind: EntryKind, share?: EntryShare): Money {
    return entrySum(entriesOf(entries, kind, share));
  }
  const isDisbursed = entriesOf(entries, 'cash_disbursement').length > 0;
  const booked = sum(books.rates.map(({ amount }) => amount));
  return {
    accounting: award.accounting,
    cashReceipts: total('cash_receipt'),
    cashDisbursements: isDisbursed ? total('cash_disbursement') : undefined,
    authorized: sum(authorized(facts).map(({ delta }) => delta)),
    federalDirect: plus(federalCompute(facts), entrySum(federalExpenditures(facts))),
    federalIndirect: minus(booked, books.recipient.recipientFa),
    holds: sum(books.holds.map(federalPart)),
    externalObligations: total('obligation', 'federal'),
    recipientRequired: award.costShare,
    recipientSpent: sum([
      total('expenditure', 'recipient'),
      books.recipient.recipient,
      books.recipient.recipientFa,
    ]),
    incomeEarned: total('program_income_earned'),
    incomeDeduction: total('program_income_deduction'),
    incomeAddition: total('program_income_addition'),
    isFinal: isFinalReport(facts),
  };
}

export function indirectOf({ rates, books, endDay }: GrantFacts): Indirect {
  return indirectLines(rates, books.rates, endDay);
}

/** The base by category. Compute bears indirect cost on its whole direct charge, cost share included. */
export function mtdcFacts(facts: GrantFacts): Mtdc {
  return mtdcOf({
    compute: daysSum(facts),
    isComputeInBase: facts.award.cloudInMtdc,
    entries: federalExpenditures(facts),
    cap: facts.award.subawardCap,
  });
}

/** The base as booked against the base as reckoned from its parts: they differ when terms changed. */
function baseWarning(facts: GrantFacts): readonly string[] {
  const standing = facts.rates.filter(({ replacedBy }) => replacedBy === undefined);
  if (standing.some(({ base }) => base !== 'MTDC')) {
    return [];
  }
  const booked = sum(facts.books.rates.map(({ base }) => base));
  const off = absolute(minus(booked, mtdcFacts(facts).base));
  return off === ZERO
    ? []
    : ['the base booked differs from MTDC as reckoned now: terms of the award changed meanwhile'];
}

/** Everything about rates and the base that a reader should know. */
export function indirectWarnings(facts: GrantFacts): readonly string[] {
  const { rates, books, endDay } = facts;
  const uncovered = uncoveredDays(rates, books.days, endDay);
  return [
    ...rateWarnings(rates, { booked: books.rates, uncovered }, facts.deMinimisCap),
    ...baseWarning(facts),
  ];
}
