import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeNames } from '../burst/support/site.ts';
import type { ModelJob } from '../burst/support/slurm-model.ts';
import { type SettleSite, startSettleSite } from './support/settle-site.ts';
import '../support/property.ts';

// reliability.md R12: every order and repetition of the hooks, each job on nodes of its own, one bill.

const HOOKS = ['resume', 'end', 'suspend', 'reconcile'] as const;
type Hook = (typeof HOOKS)[number];
const SCALE = Number(process.env['ASBB_TEST_SCALE'] ?? 1);
/** Up to 3 hooks all 84 orders, and a sample of longer ones; with ASBB_TEST_SCALE=10 all 1,364 up to 5. */
const ALL_UP_TO = SCALE >= 10 ? 5 : 3;
const SAMPLE = 40 * SCALE;
const GROUPS = ['cpu', 'two', 'run', 'spot'] as const;
const NODES_OF_GROUP = 999;

function orders(length: number): readonly (readonly Hook[])[] {
  return length === 0
    ? [[]]
    : orders(length - 1).flatMap((order) => HOOKS.map((hook) => [...order, hook]));
}

const ORDERS = [
  ...Array.from({ length: ALL_UP_TO }, (_, at) => orders(at + 1)).flat(),
  ...fc.sample(fc.array(fc.constantFrom(...HOOKS), { minLength: 4, maxLength: 6 }), {
    numRuns: SAMPLE,
    seed: 12,
  }),
];

const stops: (() => Promise<void>)[] = [];
let site: SettleSite;
let used = 0;
const codes: number[] = [];

beforeAll(async () => {
  site = await startSettleSite({ atEnd: (stop) => stops.unshift(stop) });
});

afterAll(async () => {
  for (const stop of stops) {
    await stop();
  }
});

/** What really happens to the job and its node; hooks come when the order says so. */
async function happen(hook: Hook, job: ModelJob, nodes: readonly string[]): Promise<void> {
  await site.forward(20);
  switch (hook) {
    case 'resume':
      await site.resumeHook(job, nodes);
      await site.forward(50);
      site.accounted.register(nodes);
      break;
    case 'end':
      if (job.state === 'CONFIGURING' || job.state === 'RUNNING') {
        site.accounted.end(job);
      }
      codes.push(await site.epilogHook(job, nodes));
      site.accounted.complete(job);
      break;
    case 'suspend':
      site.slurm.powerDown(nodes);
      await site.suspendHook(nodes);
      site.slurm.settle();
      break;
    case 'reconcile':
      await site.maintain();
      break;
  }
}

async function play(order: readonly Hook[]): Promise<ModelJob> {
  const group = GROUPS[Math.floor(used / NODES_OF_GROUP)] ?? 'cpu';
  const index = (used % NODES_OF_GROUP) + 1;
  used += 1;
  const nodes = nodeNames(group, index, index);
  const job = await site.submit({ amount: '5' });
  site.accounted.allocate(job, nodes);
  for (const hook of order) {
    await happen(hook, job, nodes);
  }
  return job;
}

it(`${ORDERS.length} orders of hooks end in equal books`, async () => {
  const jobs: ModelJob[] = [];
  for (const order of ORDERS) {
    jobs.push(await play(order));
  }
  for (const job of jobs.filter(({ state }) => state === 'CONFIGURING' || state === 'RUNNING')) {
    site.accounted.end(job);
    site.accounted.complete(job);
  }
  // SuspendTime is over, and SuspendProgram is never called: reconcile does what hooks did not.
  site.slurm.powerDown(GROUPS.flatMap((group) => nodeNames(group, 1, NODES_OF_GROUP)));
  for (let round = 0; round < 4; round += 1) {
    await site.forward(700);
    await site.maintain();
    // A job whose nodes never came is pending again; its owner gives up.
    for (const job of jobs) {
      site.accounted.cancel(job);
    }
  }
  expect(codes.filter((code) => code !== 0)).toEqual([]);
  expect(await site.fake.live()).toEqual([]);
  expect(site.booked()).toEqual({ spent: await site.billed(), held: 0n });
  const db = site.books.raw();
  const charges = db
    .prepare("SELECT hold_id, COUNT(*) n FROM txn WHERE kind='charge' GROUP BY hold_id HAVING n>1")
    .all();
  db.close();
  expect(charges).toEqual([]);
});
