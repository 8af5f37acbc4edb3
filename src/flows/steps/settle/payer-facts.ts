import {
  holdOf,
  type InstanceOfNode,
  type PayerFacts,
} from '../../../core/burst/cost/plan-instance.ts';
import type { Payer } from '../../../core/burst/cost/stretches.ts';
import { parseRunNote, runNoteName } from '../../../core/burst/runs/run-note.ts';
import { budgetForCost } from '../../../core/ledger/late.ts';
import type { HoldRow } from '../../../core/ledger/rows.ts';
import type { AccountMoney, View } from '../../../core/ledger/view.ts';
import { ONE_MICRO } from '../../../core/money/money.ts';
import type { SettlePorts } from './pass.ts';

export interface Payers {
  readonly facts: PayerFacts;
  readonly accounts: readonly string[];
}

/** Holds, what epilog noted of their runs, and the budgets of those who pay without a hold. */
export async function payerFacts(
  ports: SettlePorts,
  asked: readonly InstanceOfNode[],
): Promise<Payers> {
  const runs = asked.flatMap((at) => at.runs);
  const jobIds = [...new Set(runs.map(({ fact }) => fact.run.jobId))];
  const holdIds = [...new Set(asked.flatMap(({ intent }) => intent.holdId ?? []))];
  const { holds } = await ports.ledger.read({ holds: { jobIds, holdIds, children: true } });
  const names = holds.map(({ token }) => runNoteName(token));
  const { notes } = await ports.ledger.read({ notes: names });
  const noted = holds.flatMap(({ token }) => {
    const note = parseRunNote(notes[runNoteName(token)]);
    return note === undefined ? [] : [[token, note] as const];
  });
  const unheld = runs
    .filter(({ fact }) => holdOf(fact, holds) === undefined)
    .map(({ fact }) => fact.account);
  const budgets = await budgetsOf(ports, [...new Set(unheld)]);
  const pool = await poolOf(ports, holds, asked);
  const { cost } = ports.settings;
  const facts = {
    holds,
    notes: new Map(noted),
    budgetOf: (account: string): number | undefined => budgets.get(account)?.budgetId,
    pool: pool.payer,
    idle: cost.charge_idle,
    abortedAttempts: cost.aborted_attempts,
  };
  const accounts = [...[...budgets.values()].map(({ name }) => name), ...pool.accounts];
  return { facts, accounts: [...new Set(accounts)] };
}

interface Budget {
  readonly budgetId: number;
  readonly name: string;
}

function firstBudget(account: AccountMoney | undefined, nowS: number): Budget | undefined {
  const budget = budgetForCost(account?.budgets ?? [], ONE_MICRO, nowS)?.budget;
  return account === undefined || budget === undefined
    ? undefined
    : { budgetId: budget.budgetId, name: account.account.name };
}

async function budgetsOf(
  ports: SettlePorts,
  slurmAccounts: readonly string[],
): Promise<ReadonlyMap<string, Budget>> {
  const budgets = new Map<string, Budget>();
  for (const slurmAccount of slurmAccounts) {
    const view: View = await ports.ledger.read({ payer: { slurmAccount } });
    const budget = firstBudget(view.payer?.account, view.nowS);
    if (budget === undefined) {
      ports.log.write('error', 'run_without_budget', { account: slurmAccount });
    } else {
      budgets.set(slurmAccount, budget);
    }
  }
  return budgets;
}

async function poolOf(
  ports: SettlePorts,
  holds: readonly HoldRow[],
  asked: readonly InstanceOfNode[],
): Promise<{ readonly payer: Payer; readonly accounts: readonly string[] }> {
  const { pool_account: name, charge_idle: idle } = ports.settings.cost;
  const isNeeded =
    idle === 'pool' ||
    asked.some(({ intent }) => !holds.some(({ holdId }) => holdId === intent.holdId));
  if (name === undefined || !isNeeded) {
    return { payer: { kind: 'nobody' }, accounts: [] };
  }
  const view = await ports.ledger.read({ accounts: [name], payer: { slurmAccount: name } });
  const own = view.accounts.find(({ account }) => account.name === name) ?? view.payer?.account;
  const budget = firstBudget(own, view.nowS);
  if (budget === undefined) {
    ports.log.write('error', 'pool_without_budget', { account: name });
    return { payer: { kind: 'nobody' }, accounts: [] };
  }
  const { budgetId } = budget;
  return {
    payer: { kind: 'budget', budgetId, jobId: 0, partition: '', key: 'late:pool' },
    accounts: [budget.name],
  };
}
