import { isRefused, type Refused, refused } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { exceeds, type Money, toDecimal, toDollars, toDollarsDown } from '../money/money.ts';
import type { AccountFigures, BudgetFigures, View } from './view.ts';

/** Reliability.md 4.2. SLURM's own names are a subset. */
const ACCOUNT_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/u;
const TITLE_LENGTH_MAX = 255;
const DESCRIPTION_LENGTH_MAX = 4096;
const SHOWN_MAX = 128;

/** What a decision about an account answers; what it looks like now is read afterwards. */
export interface AccountAnswer extends JsonObject {
  readonly account: string;
}

/** `budget.min_budget_amount`, `budget.max_budget_amount`. */
export interface Bounds {
  readonly least: Money;
  readonly most: Money;
}

export function invalid(field: string, text: string, advice = ''): Refused {
  return refused('VALIDATION_ERROR', text, { advice, fields: { field } });
}

export function badName(name: string, field: string): Refused | undefined {
  return ACCOUNT_NAME.test(name)
    ? undefined
    : invalid(
        field,
        `'${name.slice(0, 64)}' is not a name of an account`,
        'letters, digits, _ . and -, at most 64, not beginning with . or -',
      );
}

/** Partition names follow the same pattern. */
export function badPartition(name: string): Refused | undefined {
  return ACCOUNT_NAME.test(name)
    ? undefined
    : invalid(
        'partition',
        `'${name.slice(0, 64)}' is not a name of a partition`,
        'letters, digits, _ . and -, at most 64',
      );
}

export function badTexts(title: string, description: string): Refused | undefined {
  if (title.trim() === '' || title.length > TITLE_LENGTH_MAX) {
    return invalid('name', `--name has 1 to ${TITLE_LENGTH_MAX} characters`);
  }
  return description.length > DESCRIPTION_LENGTH_MAX
    ? invalid('description', `--description has at most ${DESCRIPTION_LENGTH_MAX} characters`)
    : undefined;
}

export function badPeriod(startS: number, endS: number): Refused | undefined {
  if (endS < startS) {
    return invalid('end_date', 'the end lies before the start');
  }
  return endS === startS
    ? invalid('end_date', 'the end is the start', 'for one day give its date twice: YYYY-MM-DD')
    : undefined;
}

export function badLimit(limit: Money, { least, most }: Bounds): Refused | undefined {
  return exceeds(least, limit) || exceeds(limit, most)
    ? invalid(
        'budget_limit',
        `a budget is between $${toDecimal(least)} and $${toDecimal(most)}`,
        'see budget.min_budget_amount and budget.max_budget_amount in the configuration',
      )
    : undefined;
}

export function noSuchAccount(name: string): Refused {
  return refused('NOT_FOUND', `Budget account '${name.slice(0, SHOWN_MAX)}' not found`, {
    advice: 'see asbb account list',
    fields: { account: name.slice(0, SHOWN_MAX) },
  });
}

export function findAccount(view: View, name: string): AccountFigures | Refused {
  return view.accounts.find(({ account }) => account.name === name) ?? noSuchAccount(name);
}

/** The budget that `fund` reaches: the one without a grant. */
export function plainBudget(figures: AccountFigures): BudgetFigures | Refused {
  const { name } = figures.account;
  const plain = figures.budgets.find(({ budget }) => budget.awardId === undefined);
  if (plain === undefined) {
    return refused('POLICY', `account ${name} has only budgets of grants`, {
      advice: `its grants give more: asbb account deposit ${name} --grant <number>`,
      fields: { account: name },
    });
  }
  return plain.budget.closed
    ? refused('ACCOUNT_INACTIVE', `the budget of account ${name} is closed`, {
        advice: 'the account was deleted with --force; create another one',
        fields: { account: name },
      })
    : plain;
}

export function belowCommitted(what: string, committed: Money, wanted: Money): Refused {
  return refused(
    'IN_USE',
    `${what} has ${toDollars(committed)} used and held, more than ${toDollarsDown(wanted)}`,
    { advice: 'use --force to set it all the same', fields: {} },
  );
}

/** First refusal of several tests. */
export function firstOf(...tests: readonly (Refused | undefined)[]): Refused | undefined {
  return tests.find((test) => isRefused(test));
}
