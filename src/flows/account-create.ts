import { isRefused, type Refused } from '../core/errors.ts';
import { invalid } from '../core/ledger/account-words.ts';
import { createAccount as choose } from '../core/ledger/create-account.ts';
import { type Money, toMicrosText, ZERO } from '../core/money/money.ts';
import type { ScheduleTerms } from '../core/schedule/create.ts';
import {
  type AccountDone,
  type AccountPorts,
  actOnAccount,
  amountOf,
  endOf,
  type Manner,
  startOf,
} from './steps/ask-account.ts';
import { type AskedTerms, termsArgs, termsOf } from './steps/ask-schedule.ts';

/** As a person writes it; amounts and dates are text still. */
export interface NewAccount extends Manner, AskedTerms {
  readonly account: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly start: string;
  readonly end: string;
  readonly budget?: string | undefined;
  readonly parent?: string | undefined;
  readonly slurmAccounts?: readonly string[] | undefined;
  /** With a schedule: the terms must come, the budget may be left out. */
  readonly incremental?: boolean | undefined;
  /** A flag of grants that was given. */
  readonly unsupported?: string | undefined;
}

function scheduleOf(asked: NewAccount): ScheduleTerms | undefined | Refused {
  const { incremental, totalBudget, allocationAmount, allocationFrequency } = asked;
  const isAsked = [totalBudget, allocationAmount, allocationFrequency].some(
    (value) => value !== undefined,
  );
  if (incremental === true) {
    return termsOf(asked);
  }
  return isAsked
    ? invalid('incremental', 'a schedule was given without --incremental', 'add --incremental')
    : undefined;
}

function budgetOf({ budget, incremental }: NewAccount): Money | Refused {
  if (budget !== undefined) {
    return amountOf(budget, 'budget');
  }
  return incremental === true
    ? ZERO
    : invalid('budget', '--budget is required', 'the limit of the account in dollars');
}

/** `account create`. VALIDATION_ERROR, NOT_FOUND (parent), DUPLICATE_ACCOUNT. */
export async function createAccount(
  asked: NewAccount,
  ports: AccountPorts,
): Promise<AccountDone | Refused> {
  const { account, parent, slurmAccounts = [] } = asked;
  if (asked.unsupported !== undefined) {
    return invalid(
      asked.unsupported,
      `--${asked.unsupported}: budgets by grant are not in this version`,
      'give the whole limit with --budget',
    );
  }
  const schedule = scheduleOf(asked);
  if (isRefused(schedule)) {
    return schedule;
  }
  const budget = budgetOf(asked);
  const startS = startOf(asked.start, 'start', ports.zone);
  const endS = endOf(asked.end, 'end', ports.zone);
  if (isRefused(budget)) {
    return budget;
  }
  if (isRefused(startS)) {
    return startS;
  }
  if (isRefused(endS)) {
    return endS;
  }
  const { name: title, description = '' } = asked;
  const args = {
    account,
    name: title,
    description,
    budget: toMicrosText(budget),
    start_s: startS,
    end_s: endS,
    parent: parent ?? null,
    slurm_accounts: slurmAccounts,
    ...(schedule && { schedule: termsArgs(schedule) }),
  };
  return await actOnAccount(
    {
      ...asked,
      verb: 'account create',
      args,
      query: {
        accounts: parent === undefined ? [account] : [account, parent],
        slurmNames: [account, ...slurmAccounts],
      },
      choose: (view) =>
        choose(view, {
          name: account,
          title,
          description,
          startS,
          endS,
          budget,
          bounds: ports.bounds,
          parentName: parent,
          slurmNames: slurmAccounts,
          schedule,
          zone: ports.zone,
        }),
    },
    ports,
  );
}
