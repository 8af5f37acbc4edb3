import { expect, it } from 'vitest';
import { nodeNames } from '../burst/support/site.ts';
import type { ModelJob } from '../burst/support/slurm-model.ts';
import { type SettleSite, startSettleSite } from './support/settle-site.ts';

const TASKS = 20;

/** `sbatch --array=0-19`: one hold, tasks that carry its token. */
async function submitArray(site: SettleSite): Promise<readonly ModelJob[]> {
  const first = await site.submit({
    jobId: 500,
    arrayJobId: 500,
    arrayTask: 0,
    tasks: TASKS,
    amount: '20',
  });
  const others = Array.from({ length: TASKS - 1 }, (_, at) =>
    site.slurm.submit({
      jobId: 501 + at,
      arrayJobId: 500,
      arrayTask: at + 1,
      account: 'chem',
      partition: 'aws',
      adminComment: first.adminComment,
      submitS: first.submitS,
    }),
  );
  return [first, ...others];
}

interface Line {
  readonly token: string;
  readonly state: string;
  readonly amount_micro: bigint;
  readonly tasks: bigint;
}

function lines(site: SettleSite): readonly Line[] {
  const db = site.books.raw();
  const rows = db
    .prepare('SELECT token, state, amount_micro, tasks FROM hold ORDER BY hold_id')
    .all() as Line[]; // safe integers are on
  db.close();
  return rows;
}

it('an array of 20, cancelled half-way: split exactly, each run charged once, the rest given back', async () => {
  const site = await startSettleSite();
  const tasks = await submitArray(site);
  await site.maintain();
  expect(lines(site)).toMatchObject([{ state: 'open', amount_micro: 20_000_000n, tasks: 20n }]);
  const ran = tasks.slice(0, 8);
  for (const [at, task] of ran.entries()) {
    await site.allocate(task, nodeNames('cpu', at + 1, at + 1));
  }
  await site.forward(60);
  site.accounted.register(nodeNames('cpu', 1, 8));
  await site.maintain();
  expect(lines(site).filter(({ state }) => state === 'open')).toHaveLength(9);
  expect(lines(site)[0]).toMatchObject({ amount_micro: 12_000_000n, tasks: 12n });
  await site.forward(100);
  // One more ran between two runs of cron, and its epilog never came.
  const unseen = tasks[8];
  if (unseen !== undefined) {
    await site.allocate(unseen, nodeNames('cpu', 9, 9));
    await site.forward(50);
    site.accounted.register(nodeNames('cpu', 9, 9));
    await site.forward(10);
  }
  for (const task of tasks.slice(0, 9)) {
    site.accounted.end(task);
    site.accounted.complete(task);
  }
  for (const task of tasks.slice(9)) {
    site.accounted.cancel(task);
  }
  const nodes = nodeNames('cpu', 1, 9);
  await site.powerOff(nodes);
  await site.maintain();
  await site.maintain();
  const after = lines(site);
  expect(after[0]).toMatchObject({ state: 'released', amount_micro: 11_000_000n, tasks: 11n });
  expect(after.slice(1).map(({ state }) => state)).toEqual(Array(9).fill('charged'));
  expect(site.booked()).toEqual({ spent: await site.billed(), held: 0n });
});

it('when every task ran nothing is left of the array', async () => {
  const site = await startSettleSite();
  const tasks = await submitArray(site);
  for (const [at, task] of tasks.entries()) {
    await site.allocate(task, nodeNames('cpu', at + 1, at + 1));
  }
  const nodes = nodeNames('cpu', 1, TASKS);
  await site.forward(60);
  site.accounted.register(nodes);
  await site.forward(100);
  for (const [at, task] of tasks.entries()) {
    site.accounted.end(task);
    expect(await site.epilogHook(task, nodeNames('cpu', at + 1, at + 1))).toBe(0);
    site.accounted.complete(task);
  }
  await site.powerOff(nodes);
  await site.maintain();
  expect(lines(site)[0]).toMatchObject({ state: 'split', amount_micro: 0n, tasks: 0n });
  expect(
    lines(site)
      .slice(1)
      .map(({ state }) => state),
  ).toEqual(Array(TASKS).fill('charged'));
  expect(site.booked()).toEqual({ spent: await site.billed(), held: 0n });
  expect(site.files.size).toBe(TASKS);
  expect(site.files.get('job_500_7_cost.json')).toMatchObject({ reconciliation_status: 'final' });
});

it('cancelled before any task ran: all of it goes back', async () => {
  const site = await startSettleSite();
  const tasks = await submitArray(site);
  await site.settle();
  for (const task of tasks) {
    site.accounted.cancel(task);
  }
  await site.settle();
  expect(lines(site)).toMatchObject([{ state: 'released', amount_micro: 20_000_000n }]);
});
