import { type Refused, refused } from '../errors.ts';
import type { AccountingBasis } from '../grant/rows.ts';
import {
  greatest,
  isNegative,
  isPositive,
  isZero,
  type Money,
  minus,
  plus,
  toDollars,
  ZERO,
} from '../money/money.ts';
import { exactly, toCents } from '../money/ratio.ts';

// SF-425, Federal Financial Report, lines 10a to 10o (budget.md 8.3): cumulative from the start of the
// award to the end of the reporting period.

export const LINES = {
  '10a': 'Cash receipts',
  '10b': 'Cash disbursements',
  '10c': 'Cash on hand',
  '10d': 'Total Federal funds authorized',
  '10e': 'Federal share of expenditures',
  '10f': 'Federal share of unliquidated obligations',
  '10g': 'Total Federal share',
  '10h': 'Unobligated balance of Federal funds',
  '10i': 'Total recipient share required',
  '10j': 'Recipient share of expenditures',
  '10k': 'Remaining recipient share to be provided',
  '10l': 'Total Federal program income earned',
  '10m': 'Program income expended, deduction alternative',
  '10n': 'Program income expended, addition alternative',
  '10o': 'Unexpended program income',
} as const;
export type LineId = keyof typeof LINES;
export type Lines = Readonly<Record<LineId, Money>>;

/** Lines that are made of other lines: `c = a − b`, each sum of the lines as they are printed. */
export const IDENTITIES = {
  '10c': { '10a': 1, '10b': -1 },
  '10g': { '10e': 1, '10f': 1 },
  '10h': { '10d': 1, '10g': -1 },
  '10k': { '10i': 1, '10j': -1 },
  '10o': { '10l': 1, '10m': -1, '10n': -1 },
} as const satisfies Readonly<Partial<Record<LineId, Partial<Record<LineId, 1 | -1>>>>>;

/** Exact amounts, to the micro-dollar. */
export interface Sf425Input {
  readonly accounting: AccountingBasis;
  readonly cashReceipts: Money;
  /** Undefined: no disbursement was entered. */
  readonly cashDisbursements: Money | undefined;
  readonly authorized: Money;
  readonly federalDirect: Money;
  readonly federalIndirect: Money;
  /** Pending holds with their F&A, the federal part. */
  readonly holds: Money;
  readonly externalObligations: Money;
  readonly recipientRequired: Money;
  readonly recipientSpent: Money;
  readonly incomeEarned: Money;
  readonly incomeDeduction: Money;
  readonly incomeAddition: Money;
  /** The report to the end of the grant. */
  readonly isFinal: boolean;
}

export interface Sf425 {
  readonly lines: Lines;
  /** 10b was not entered: it is taken to be what was spent. */
  readonly isDisbursedAssumed: boolean;
  /** Cash basis: spent and not disbursed yet, which is in 10f and not in 10e. */
  readonly undisbursed: Money;
  /** `not final: pending holds`. */
  readonly isFinal: boolean;
  readonly warnings: readonly string[];
}

function cents(amount: Money): Money {
  return toCents(exactly(amount));
}

/** On the cash basis what was disbursed counts as spent, the rest is still owed. */
function undisbursed({ accounting, cashDisbursements }: Sf425Input, spent: Money): Money {
  return accounting === 'cash' && cashDisbursements !== undefined
    ? greatest(ZERO, minus(spent, cashDisbursements))
    : ZERO;
}

function warningsOf(input: Sf425Input, lines: Lines): readonly string[] {
  const isAssumed = input.cashDisbursements === undefined;
  const hasNoCash = isAssumed && isZero(input.cashReceipts);
  const missing = hasNoCash ? 'cash receipt or disbursement' : 'cash disbursement';
  const told = [
    isAssumed && `10b assumed: no ${missing} is entered, so it is taken to be 10e`,
    input.isFinal &&
      !isZero(lines['10f']) &&
      `not final: pending holds (10f is ${toDollars(lines['10f'])}, on a final report it must be 0)`,
    isNegative(lines['10h']) &&
      `10h is negative: ${toDollars(lines['10h'])} more is spent or obligated than was authorized`,
    isNegative(lines['10c']) &&
      !hasNoCash &&
      `10c is negative: more was disbursed than received (${toDollars(lines['10c'])})`,
  ];
  return told.flatMap((text) => (text === false ? [] : [text]));
}

/** The lines in cents; what is made of other lines is made of them as printed. VALIDATION_ERROR. */
export function sf425(input: Sf425Input): Sf425 | Refused {
  if (isPositive(input.incomeDeduction) && isPositive(input.incomeAddition)) {
    return refused(
      'VALIDATION_ERROR',
      'program income is entered under both the deduction and the addition alternative; an award has one',
      { advice: 'correct it by a grant entry of the opposite sign', fields: { field: 'kind' } },
    );
  }
  const spent = plus(input.federalDirect, input.federalIndirect);
  const owed = undisbursed(input, spent);
  const a = cents(input.cashReceipts);
  const e = cents(minus(spent, owed));
  const b = input.cashDisbursements === undefined ? e : cents(input.cashDisbursements);
  const d = cents(input.authorized);
  const f = cents(plus(plus(input.holds, input.externalObligations), owed));
  const g = plus(e, f);
  const i = cents(input.recipientRequired);
  const j = cents(input.recipientSpent);
  const l = cents(input.incomeEarned);
  const m = cents(input.incomeDeduction);
  const n = cents(input.incomeAddition);
  const lines: Lines = {
    '10a': a,
    '10b': b,
    '10c': minus(a, b),
    '10d': d,
    '10e': e,
    '10f': f,
    '10g': g,
    '10h': minus(d, g),
    '10i': i,
    '10j': j,
    '10k': minus(i, j),
    '10l': l,
    '10m': m,
    '10n': n,
    '10o': minus(minus(l, m), n),
  };
  return {
    lines,
    isDisbursedAssumed: input.cashDisbursements === undefined,
    undisbursed: owed,
    isFinal: input.isFinal && isZero(f),
    warnings: warningsOf(input, lines),
  };
}
