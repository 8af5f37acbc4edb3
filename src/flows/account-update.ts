import { isRefused, type Refused } from '../core/errors.ts';
import { invalid } from '../core/ledger/account-words.ts';
import { updateAccount as choose, type UpdateAccount } from '../core/ledger/update-account.ts';
import { type Money, toMicrosText } from '../core/money/money.ts';
import type { LedgerRequest } from '../ports/ledger.ts';
import {
  type AccountDone,
  type AccountPorts,
  actOnAccount,
  amountOf,
  endOf,
  type Manner,
  startOf,
} from './steps/ask-account.ts';
import { allRead, given, rateE4Of } from './steps/grant-words.ts';

/** As a person writes it; what is absent stays. */
export interface AccountChanges extends Manner {
  readonly account: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly status?: UpdateAccount['status'];
  readonly budget?: string | undefined;
  /** '' makes it a root. */
  readonly parent?: string | undefined;
  readonly slurmAccounts?: readonly string[] | undefined;
  /** `0.8`: the federal part of charges on grants, from now on. */
  readonly federalShare?: string | undefined;
  readonly force: boolean;
}

interface Figures {
  readonly budget: Money | undefined;
  readonly startS: number | undefined;
  readonly endS: number | undefined;
  readonly federalShareE4: number | undefined;
}

function figuresOf(
  { budget, start, end, federalShare }: AccountChanges,
  zone: string,
): Figures | Refused {
  return allRead({
    budget: budget === undefined ? undefined : amountOf(budget, 'budget'),
    startS: start === undefined ? undefined : startOf(start, 'start', zone),
    endS: end === undefined ? undefined : endOf(end, 'end', zone),
    federalShareE4: given(federalShare, 'federal-share', 'federal_share', rateE4Of),
  });
}

function isEmpty(asked: AccountChanges): boolean {
  const { name, description, start, end, status, budget, parent, slurmAccounts, federalShare } =
    asked;
  return [name, description, start, end, status, budget, parent, slurmAccounts, federalShare].every(
    (value) => value === undefined,
  );
}

function argsOf(asked: AccountChanges, figures: Figures): LedgerRequest['args'] {
  const { budget, startS, endS, federalShareE4 } = figures;
  return {
    account: asked.account,
    name: asked.name ?? null,
    description: asked.description ?? null,
    status: asked.status ?? null,
    start_s: startS ?? null,
    end_s: endS ?? null,
    budget: budget === undefined ? null : toMicrosText(budget),
    parent: asked.parent ?? null,
    slurm_accounts: asked.slurmAccounts ?? null,
    force: asked.force,
    ...(federalShareE4 !== undefined && { federal_share_e4: federalShareE4 }),
  };
}

/**
 * `account update`. VALIDATION_ERROR (also when nothing is given), NOT_FOUND, DUPLICATE_ACCOUNT,
 * IN_USE (a limit below used + held, a parent without room) unless forced.
 */
export async function updateAccount(
  asked: AccountChanges,
  ports: AccountPorts,
): Promise<AccountDone | Refused> {
  if (isEmpty(asked)) {
    return invalid('account', 'nothing to change', 'give at least one flag, see --help');
  }
  const figures = figuresOf(asked, ports.zone);
  if (isRefused(figures)) {
    return figures;
  }
  const { account, name, description, status, parent, slurmAccounts, force } = asked;
  const ask: UpdateAccount = {
    name: account,
    title: name,
    description,
    status,
    ...figures,
    bounds: ports.bounds,
    parentName: parent,
    slurmNames: slurmAccounts,
    force,
  };
  const accounts = parent === undefined || parent === '' ? [account] : [account, parent];
  return await actOnAccount(
    {
      ...asked,
      verb: 'account update',
      args: argsOf(asked, figures),
      query: { accounts, slurmNames: slurmAccounts ?? [] },
      choose: (view) => choose(view, ask),
    },
    ports,
  );
}
