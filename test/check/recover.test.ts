import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DirectoryCostInbox } from '../../src/adapters/system/directory-cost-inbox.ts';
import { Sha256Hash } from '../../src/adapters/system/sha256-hash.ts';
import { onDemandRates } from '../../src/core/burst/prices.ts';
import { Fault } from '../../src/core/errors.ts';
import { recover } from '../../src/flows/recover.ts';
import type { SettlePorts } from '../../src/flows/steps/settle/pass.ts';
import type { JobRun, QueuedJob, Slurm } from '../../src/ports/slurm.ts';
import { seedAccount, temporaryLedger } from '../support/ledger.ts';
import { place } from '../support/policy.ts';
import { exampleSettings } from '../support/settings.ts';

const NOON = 1_795_262_400;
const HOUR = 3600;

interface Facts {
  readonly queue?: readonly Partial<QueuedJob>[];
  readonly runs?: readonly Partial<JobRun>[];
  readonly isDown?: boolean;
}

function run(given: Partial<JobRun>): JobRun {
  const jobIdRaw = given.jobIdRaw ?? 1;
  const startS = given.startS ?? NOON + 60;
  const endS = given.endS ?? startS + 2 * HOUR;
  return {
    jobIdText: String(jobIdRaw),
    jobIdRaw,
    arrayJobId: undefined,
    arrayTask: undefined,
    account: 'ml-7',
    userName: 'ada',
    partition: 'cpu',
    state: 'COMPLETED',
    exitCode: '0:0',
    submitS: NOON + 10,
    startS,
    endS,
    elapsedSeconds: endS - startS,
    timeLimitSeconds: 4 * HOUR,
    nodes: 2,
    cpus: 32,
    nodeList: 'node[1-2]',
    allocTres: '',
    adminComment: '',
    ...given,
  };
}

function line(given: Partial<QueuedJob>): QueuedJob {
  const jobId = given.jobId ?? 1;
  return {
    ...{ jobId, arrayJobId: jobId, arrayTask: undefined, state: 'RUNNING', partition: 'cpu' },
    ...{ account: 'ml-7', userName: 'ada', nodes: 2, cpus: 32, timeLimitSeconds: 4 * HOUR },
    ...{ submitS: NOON + 10, startS: NOON + 60, nodeList: 'node[1-2]', reason: 'None' },
    ...given,
  };
}

/** The three listings that a pass asks for. */
function slurmWith(facts: () => Facts): Slurm {
  function up(): Facts {
    if (facts().isDown === true) {
      throw new Fault('sacct does not answer', { exitCode: 75 });
    }
    return facts();
  }
  const known: Partial<Slurm> = {
    queue: () => Promise.resolve((facts().queue ?? []).map(line)),
    runsSince: () => Promise.resolve().then(() => (up().runs ?? []).map(run)),
    runsOf: (ids) =>
      Promise.resolve().then(() =>
        (up().runs ?? []).map(run).filter(({ jobIdRaw }) => ids.includes(jobIdRaw)),
      ),
    job: () => Promise.resolve([]),
    allJobs: () => Promise.resolve([]),
    efficiency: () => Promise.resolve({}),
  };
  return known as Slurm; // nothing else is asked without an instance
}

function pricing(more: Record<string, unknown> = {}): string {
  const base = {
    by: 'check',
    estimate: '10000000',
    unlearned: '10000000',
    nodes: 2,
    cpus: 16,
    gpus: 0,
  };
  return JSON.stringify({ ...base, ...more });
}

const TOKEN = 'a'.repeat(26);
const OTHER = 'b'.repeat(26);

async function site() {
  const books = await temporaryLedger();
  await seedAccount(books.ledger, { name: 'ml-7' });
  const settings = exampleSettings({ site: { timezone: 'UTC' } });
  const box = { facts: {} as Facts };
  const costs = join(books.directory, 'costs');
  mkdirSync(costs);
  chmodSync(costs, 0o755);
  const warned: string[] = [];
  const log = {
    write: (_level: string, event: string) => {
      warned.push(event);
    },
  };
  const ports: SettlePorts = {
    ...{ ledger: books.ledger, settings, log },
    clock: {
      nowUs: () => books.clock.nowUs(),
      monotonicMs: () => 0,
      sleep: () => Promise.resolve(),
    },
    slurm: slurmWith(() => box.facts),
    cloud: {} as SettlePorts['cloud'],
    costFiles: { write: () => undefined, read: () => undefined },
    local: {
      inbox: new DirectoryCostInbox({
        directories: [costs],
        slurmUser: userInfo().username,
        hash: new Sha256Hash(),
        log,
      }),
      pricing: () => ({ settings, rateOf: onDemandRates(settings, undefined), priceDate: '' }),
      mayPrice: false,
    },
  };
  async function hold(token: string, more: Parameters<typeof place>[1] | object = {}) {
    const asked = { account: 'ml-7', userName: 'ada', partitions: ['cpu'], task: '12' };
    await place(books.ledger, {
      ...asked,
      token,
      expiresS: NOON + 24 * HOUR,
      pricing: pricing(),
      ...more,
    });
  }
  async function rows(options: Parameters<typeof recover>[0] = { mayPrice: false }) {
    const { rows: all, ...counts } = await recover(options, ports);
    const told = all.map(
      ({ token, job, action, reason }) => `${token[0]} ${job} ${action}: ${reason}`,
    );
    return { told, exitCode: counts.exitCode, counts };
  }
  async function state(token = TOKEN) {
    const { holds, charges } = await books.ledger.read({
      holds: { tokens: [token], charges: true },
    });
    const spent = charges.map(({ amount }) => String(amount)).join();
    return `${holds[0]?.state} ${holds[0]?.jobId ?? '-'} ${spent}`;
  }
  return { ...books, box, ports, costs, hold, rows, state, warned };
}

const RUN = { jobId: 1, arrayTask: -1, submitS: NOON + 10, restart: 0 };

it('a job that lives keeps its hold, however old', async () => {
  const { box, hold, rows, state, clock } = await site();
  await hold(TOKEN, { run: RUN });
  clock.forward(240 * HOUR);
  box.facts = { queue: [{}] };
  expect((await rows()).told).toEqual(['a 1 kept: job still in SLURM']);
  expect(await state()).toBe('open 1 ');
});

it('a job that ended is settled by its cost file, which is filed away', async () => {
  const { box, hold, rows, state, clock, costs } = await site();
  await hold(TOKEN, { run: RUN });
  clock.forward(5 * HOUR);
  box.facts = { runs: [{}] };
  const file = join(costs, 'job-1-asbb-reconciliation.json');
  writeFileSync(
    file,
    '{"job_id":"1","account":"ml-7","actual_cost":7.500000000000001,"success":true}',
  );
  chmodSync(file, 0o644);
  expect((await rows({ isDryRun: true })).told).toEqual([
    'a 1 reconciled: job completed, cost file',
  ]);
  expect(await state()).toBe('open 1 ');
  expect(existsSync(file)).toBe(true);
  expect((await rows()).told).toEqual(['a 1 reconciled: job completed, cost file']);
  expect(await state()).toBe('charged 1 7500000');
  expect(existsSync(join(costs, 'processed', 'job-1-asbb-reconciliation.json'))).toBe(true);
  expect((await rows()).told).toEqual([]);
});

it.each([
  ['that others could have written', 0o666, 'ml-7'],
  ['of another account', 0o644, 'ml-8'],
])('a cost file %s is not believed', async (_name, mode, account) => {
  const { box, hold, rows, state, clock, costs } = await site();
  await hold(TOKEN, { run: RUN });
  clock.forward(5 * HOUR);
  box.facts = { runs: [{}] };
  const file = join(costs, 'job_1_cost.json');
  writeFileSync(file, JSON.stringify({ job_id: 1, account, actual_cost: 0 }));
  chmodSync(file, mode);
  expect((await rows()).told).toEqual(['a 1 kept: job ended, no cost known: --reconcile-orphaned']);
  expect(await state()).toBe('open 1 ');
});

it('waits an hour for a cost, then prices the time when asked to; a real cost amends it', async () => {
  const { box, hold, rows, state, clock, costs } = await site();
  await hold(TOKEN, { run: RUN });
  box.facts = { runs: [{}] };
  clock.forward(2 * HOUR + 1200);
  expect((await rows({ mayPrice: true })).told).toEqual([
    'a 1 kept: job ended, its cost may still come',
  ]);
  clock.forward(2 * HOUR);
  expect((await rows({ mayPrice: true })).told).toEqual([
    'a 1 reconciled: job completed, time priced',
  ]);
  // 2 nodes × 16 CPUs × 0.10 $ × 2 h
  expect(await state()).toBe('charged 1 6400000');
  expect((await rows({ mayPrice: true })).counts).toMatchObject({ reconciled: 0, exitCode: 0 });
  expect(existsSync(costs)).toBe(true);
});

it('a job that never had a node gives its hold back', async () => {
  const { box, hold, rows, state, clock } = await site();
  await hold(TOKEN, { run: RUN });
  box.facts = { runs: [{ state: 'CANCELLED', nodeList: '' }] };
  clock.forward(5 * HOUR);
  expect((await rows({ mayPrice: true })).told).toEqual(['a 1 released: job cancelled']);
  expect(await state()).toBe('released 1 ');
});

it('touches nothing while SLURM does not answer', async () => {
  const { box, hold, rows, state, clock } = await site();
  await hold(TOKEN, { run: RUN });
  clock.forward(100 * HOUR);
  box.facts = { isDown: true };
  await expect(rows({ mayPrice: true })).rejects.toMatchObject({ exitCode: 75 });
  expect(await state()).toBe('open 1 ');
});

it('a hold without a job follows the one that fits, and only when one does', async () => {
  const { box, hold, rows, state, clock } = await site();
  await hold(TOKEN);
  clock.forward(5 * HOUR);
  const near = { submitS: NOON + 30 };
  const wrong = [
    { jobIdRaw: 3, userName: 'bob', ...near },
    { jobIdRaw: 4, account: 'ml-8', ...near },
    { jobIdRaw: 5, partition: 'gpu', ...near },
    { jobIdRaw: 6, submitS: NOON + 61 },
  ];
  box.facts = { runs: wrong };
  await rows();
  expect(await state()).toBe('open - ');
  box.facts = { runs: [...wrong, { jobIdRaw: 7, ...near }, { jobIdRaw: 8, ...near }] };
  await rows();
  expect(await state()).toBe('open - ');
  box.facts = { runs: [...wrong, { jobIdRaw: 7, ...near }] };
  expect((await rows({ mayPrice: true })).told).toEqual([
    'a 7 reconciled: job completed, time priced',
  ]);
  expect(await state()).toBe('charged 7 6400000');
});

it('two holds that could mean the same job are left alone', async () => {
  const { box, hold, rows, state, clock } = await site();
  await hold(TOKEN);
  await hold(OTHER);
  clock.forward(5 * HOUR);
  box.facts = { runs: [{ jobIdRaw: 7 }] };
  await rows();
  expect([await state(), await state(OTHER)]).toEqual(['open - ', 'open - ']);
  clock.forward(20 * HOUR);
  expect((await rows()).told).toEqual([
    'a  released: no job showed up',
    'b  released: no job showed up',
  ]);
  expect(await state()).toBe('expired - ');
});

it('a hold that names its job takes the submit time that SLURM knows', async () => {
  const { box, hold, rows, state, clock } = await site();
  await hold(TOKEN, { run: { ...RUN, submitS: NOON } });
  clock.forward(5 * HOUR);
  box.facts = { runs: [{ submitS: NOON - 300 }] };
  expect((await rows({ mayPrice: true })).told).toEqual([
    'a 1 reconciled: job completed, time priced',
  ]);
  expect(await state()).toBe('charged 1 6400000');
});

it('one that fails is told, and the others go on', async () => {
  const { box, hold, rows, state, clock, ports } = await site();
  await hold(TOKEN, { run: RUN });
  await hold(OTHER, { run: { ...RUN, jobId: 2 } });
  clock.forward(5 * HOUR);
  box.facts = { runs: [{ partition: 'aws' }, { jobIdRaw: 2 }] };
  const { local } = ports;
  const broken = {
    ...ports,
    local: local && {
      ...local,
      mayPrice: true,
      inbox: {
        ...{ list: () => [], filed: () => undefined },
        find: (job: string) => {
          if (job === '2') {
            throw new Fault('the disk is gone');
          }
          return [];
        },
      },
    },
  };
  box.facts = { runs: [{}, { jobIdRaw: 2 }] };
  const done = await recover({ mayPrice: true }, broken);
  expect(done).toMatchObject({ reconciled: 1, failed: 1, exitCode: 1 });
  expect([await state(), await state(OTHER)]).toEqual(['charged 1 6400000', 'open 2 ']);
  expect((await rows({ mayPrice: true })).exitCode).toBe(0);
  expect(await state(OTHER)).toBe('charged 2 6400000');
});
