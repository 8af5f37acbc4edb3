import { isRefused, type Refused } from '../core/errors.ts';
import { invalid } from '../core/ledger/account-words.ts';
import { createAccount as choose } from '../core/ledger/create-account.ts';
import { toMicrosText } from '../core/money/money.ts';
import {
  type AccountDone,
  type AccountPorts,
  actOnAccount,
  amountOf,
  endOf,
  type Manner,
  startOf,
} from './steps/ask-account.ts';

/** As a person writes it; amounts and dates are text still. */
export interface NewAccount extends Manner {
  readonly account: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly start: string;
  readonly end: string;
  readonly budget?: string | undefined;
  readonly parent?: string | undefined;
  readonly slurmAccounts?: readonly string[] | undefined;
  /** A flag of schedules or grants that was given. */
  readonly unsupported?: string | undefined;
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
      `--${asked.unsupported}: budgets by schedule or grant are not in this version`,
      'give the whole limit with --budget',
    );
  }
  if (asked.budget === undefined) {
    return invalid('budget', '--budget is required', 'the limit of the account in dollars');
  }
  const budget = amountOf(asked.budget, 'budget');
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
        }),
    },
    ports,
  );
}
