import { deepEqual, equal, rejects } from 'node:assert/strict';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqliteLedger } from '../../../src/adapters/sqlite/sqlite-ledger.ts';
import { isRefused } from '../../../src/core/errors.ts';
import type { Json } from '../../../src/core/json.ts';
import { accountSums } from '../../../src/core/ledger/sums.ts';
import { toMicrosText } from '../../../src/core/money/money.ts';
import { seedAccount, type TemporaryLedger, temporaryLedger } from '../../support/ledger.ts';
import {
  budget,
  depositOn,
  late,
  limit,
  parent,
  status,
} from '../../support/machine/account-plans.ts';
import { BookModel } from '../../support/machine/book-model.ts';
import {
  bind,
  charge,
  expire,
  extend,
  place,
  release,
  split,
} from '../../support/machine/hold-plans.ts';
import { toAccount, toPartition } from '../../support/machine/move-plans.ts';
import { type Operation, operation } from '../../support/machine/operation.ts';
import type { Plan, Scene } from '../../support/machine/plan.ts';
import '../../support/property.ts';

const SCALE = Number(process.env['ASBB_TEST_SCALE'] ?? '1');
/** The whole ledger is verified: it grows with each run. The tear-down verifies it once more. */
const RUNS_A_VERIFY = 25;
const DOLLAR = 1_000_000n;

let books: TemporaryLedger;
let ledger: SqliteLedger;
let counter = 0;
let played = 0;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  books = await temporaryLedger({ atEnd: (act) => ends.push(act) });
  ledger = books.ledger;
});
afterAll(async () => {
  for (const end of ends) {
    await end();
  }
});

function planOf(op: Operation, scene: Scene): Plan | undefined {
  switch (op.op) {
    case 'place':
      return place(op, scene);
    case 'extend':
      return extend(op, scene);
    case 'partition':
      return toPartition(op, scene);
    case 'account':
      return toAccount(op, scene);
    case 'bind':
      return bind(op, scene);
    case 'split':
      return split(op, scene);
    case 'release':
      return release(op, scene);
    case 'expire':
      return expire(op, scene);
    case 'charge':
      return charge(op, scene);
    case 'late':
      return late(op, scene);
    case 'deposit':
      return depositOn(op, scene);
    case 'budget':
      return budget(op, scene);
    case 'limit':
      return limit(op, scene);
    case 'status':
      return status(op, scene);
    case 'parent':
      return parent(op, scene);
  }
}

/** A department with two groups, one of them with two budgets, and somebody outside. */
async function people(run: string): Promise<BookModel> {
  const model = new BookModel();
  const seeds = [
    { name: `${run}dept`, deposit: '700' },
    { name: `${run}a`, deposit: '400', parent: `${run}dept` },
    { name: `${run}b`, deposit: '500', parent: `${run}dept` },
    { name: `${run}c`, deposit: '300' },
  ];
  for (const { name, deposit, parent: above } of seeds) {
    await seedAccount(ledger, { name, deposit, ...(above !== undefined && { parent: above }) });
    model.add(name, [BigInt(deposit) * DOLLAR], above);
  }
  await secondBudget(`${run}a`);
  model.account(`${run}a`).funded.push(150n * DOLLAR);
  return model;
}

async function secondBudget(name: string): Promise<void> {
  await ledger.decide<Json>(
    { scope: 'site', key: `second:${name}`, verb: 'test', args: { name } },
    { accounts: [name] },
    (view) => {
      const { budgetId } = view.next;
      const accountId = view.accounts[0]?.account.accountId ?? -1;
      const amount = view.accounts[0]?.budgets[0]?.free;
      const lines = [
        { kind: 'source', ownerId: 0, amount: -(150n * DOLLAR) as never },
        { kind: 'free', ownerId: budgetId, amount: (150n * DOLLAR) as never },
      ] as const;
      return {
        changes: [
          {
            change: 'putBudget',
            row: { budgetId, accountId, rank: 1, basis: 'direct', closed: false },
          },
          {
            change: 'post',
            txn: { kind: 'fund', effectiveS: view.nowS, day: view.today, lines },
          },
        ],
        answer: String(amount),
      };
    },
  );
}

function byName<T extends { readonly name: string }>(list: readonly T[]): readonly T[] {
  return list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Every figure that the ledger keeps, beside what the model adds up from its lists. */
async function compare(model: BookModel): Promise<void> {
  const tokens = model.holds.map(({ token }) => token);
  const view = await ledger.read({ accounts: [...model.accounts.keys()], holds: { tokens } });
  const shown = view.accounts.map((figures) => ({
    name: figures.account.name,
    free: figures.budgets.map(({ free }) => toMicrosText(free)),
    available: toMicrosText(accountSums(figures).available),
    used: toMicrosText(accountSums(figures).used),
  }));
  const wanted = [...model.accounts.values()].map(({ name, funded }) => ({
    name,
    free: funded.map((_, at) => String(model.free(name, at))),
    available: String(model.available(name)),
    used: String(model.used(name)),
  }));
  deepEqual(byName(shown), byName(wanted));
  const holds = new Map(view.holds.map((hold) => [hold.token, hold]));
  for (const hold of model.holds) {
    const row = holds.get(hold.token);
    const kept = { state: row?.state, tasks: row?.tasks, amount: String(row?.amount) };
    const { state, tasks, amount } = hold;
    deepEqual(kept, { state, tasks, amount: String(amount) }, hold.token);
  }
}

/** The process dies after it has decided and before it commits: nothing of it may be left. */
async function killed(plan: Plan): Promise<void> {
  const dying = books.open();
  await rejects(
    dying.decide<Json>(plan.request, plan.query, (view) => {
      plan.choose(view);
      throw new Error('killed');
    }),
    { message: 'killed' },
  );
  dying.close();
}

function codeOf(answer: object): string | undefined {
  return isRefused(answer) ? answer.code : undefined;
}

/** SLURM and people repeat themselves: the answer was lost, or the hook ran twice. */
async function repeated({ request, query, choose }: Plan): Promise<void> {
  const again = await ledger.decide<Json>(request, query, choose);
  equal(codeOf(again), undefined);
  if (!isRefused(again) && again.isRepeat) {
    const other = { ...request, args: { ...request.args, other: true } };
    equal(codeOf(await ledger.decide<Json>(other, query, choose)), 'KEY_REUSED');
  }
}

interface Step {
  readonly op: Operation;
  readonly isRepeated: boolean;
  readonly isKilledFirst: boolean;
}

async function perform(step: Step, scene: Scene): Promise<void> {
  const plan = planOf(step.op, scene);
  if (plan === undefined) {
    return;
  }
  if (step.isKilledFirst) {
    await killed(plan);
  }
  const { request, query, choose, refusal, apply } = plan;
  const answer = await ledger.decide<Json>(request, query, choose);
  equal(codeOf(answer), refusal);
  if (!isRefused(answer)) {
    apply();
    if (step.isRepeated) {
      await repeated(plan);
    }
  }
  await compare(scene.model);
}

describe('holds and accounts under random operations', () => {
  it('answer and add up as the model does, whatever is repeated or killed', async () => {
    const steps = fc.array(
      fc.record({ op: operation, isRepeated: fc.boolean(), isKilledFirst: fc.boolean() }),
      { minLength: 5, maxLength: 40, size: 'max' },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        counter += 1;
        const run = `r${counter}x`;
        const model = await people(run);
        const scene: Scene = {
          model,
          run,
          nowS: () => Math.floor(books.clock.nowUs() / 1_000_000),
          forward: (seconds) => books.clock.forward(seconds),
          next: () => {
            counter += 1;
            return counter;
          },
        };
        for (const step of list) {
          await perform(step, scene);
        }
        played += 1;
        if (played % RUNS_A_VERIFY === 0) {
          expect((await books.broken()).filter((id) => id !== 'I20')).toEqual([]);
        }
      }),
      { numRuns: Math.ceil(100 * SCALE) },
    );
  });
});
