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
import { unknownGrant } from './steps/find-grant.ts';
import { allRead, given, rateE4Of } from './steps/grant-words.ts';

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
  /** Numbers, in order of draw: the budget is allotted by the first. */
  readonly grants?: readonly string[] | undefined;
  readonly basis?: 'direct' | 'total' | undefined;
  /** `0.8`: the federal part of charges on grants. */
  readonly federalShare?: string | undefined;
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

function budgetOf({ budget, incremental, grants }: NewAccount): Money | Refused {
  if (budget !== undefined) {
    return amountOf(budget, 'budget');
  }
  return incremental === true || grants !== undefined
    ? ZERO
    : invalid('budget', '--budget is required', 'the limit of the account in dollars');
}

/** NOT_FOUND with a suggestion, or a basis without a grant that it could be of. */
async function badGrants(
  { grants = [], basis }: NewAccount,
  { reports }: AccountPorts,
): Promise<Refused | undefined> {
  if (grants.length === 0) {
    return basis === undefined
      ? undefined
      : invalid('basis', '--basis says who bears F&A: only of a budget on a grant', 'add --grant');
  }
  const known = await reports.grantNumbers();
  const unknown = grants.find((number) => !known.includes(number));
  return unknown === undefined ? undefined : await unknownGrant(unknown, reports);
}

/**
 * `account create`. VALIDATION_ERROR, NOT_FOUND (parent, grant), DUPLICATE_ACCOUNT, POLICY (a closed
 * grant), INSUFFICIENT_BUDGET (the award).
 */
export async function createAccount(
  asked: NewAccount,
  ports: AccountPorts,
): Promise<AccountDone | Refused> {
  const { account, parent, slurmAccounts = [], grants = [], basis } = asked;
  const schedule = scheduleOf(asked);
  if (isRefused(schedule)) {
    return schedule;
  }
  const bad = await badGrants(asked, ports);
  if (bad !== undefined) {
    return bad;
  }
  const figures = allRead({
    budget: budgetOf(asked),
    startS: startOf(asked.start, 'start', ports.zone),
    endS: endOf(asked.end, 'end', ports.zone),
    federalShareE4: given(asked.federalShare, 'federal-share', 'federal_share', rateE4Of),
  });
  if (isRefused(figures)) {
    return figures;
  }
  const { budget, startS, endS, federalShareE4 } = figures;
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
    ...(federalShareE4 !== undefined && { federal_share_e4: federalShareE4 }),
    ...(grants.length > 0 && { grants, basis: basis ?? 'direct' }),
  };
  return await actOnAccount(
    {
      ...asked,
      verb: 'account create',
      args,
      query: {
        accounts: parent === undefined ? [account] : [account, parent],
        slurmNames: [account, ...slurmAccounts],
        ...(grants.length > 0 && { awards: { numbers: grants } }),
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
          grants,
          basis,
          federalShareE4,
        }),
    },
    ports,
  );
}
