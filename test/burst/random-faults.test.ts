import { afterAll, expect, it } from 'vitest';
import { isLive } from '../../src/core/burst/plan-launch.ts';
import { compressNodelist } from '../../src/core/slurm/nodelist.ts';
import { nodesReconcile } from '../../src/flows/nodes-reconcile.ts';
import { resumeFail } from '../../src/flows/resume-fail.ts';
import type { BurstPorts } from '../../src/flows/steps/burst-ports.ts';
import { suspend } from '../../src/flows/suspend.ts';
import type { FaultRule } from '../fake-ec2/faults.ts';
import { dieAfter } from './support/dying.ts';
import { callResume, nodeNames, type Site, startSite } from './support/site.ts';
import type { ModelJob } from './support/slurm-model.ts';

// Random days: jobs start, hooks are called twice, late, killed; EC2 errs, loses replies, hides what it
// launched; slurmctld is away; instances die. Afterwards, with all faults gone, two runs of reconcile
// leave nothing behind (burst.md 11).

const RUNS = Math.max(1, Math.round(20 * Number(process.env['ASBB_TEST_SCALE'] ?? 1)));
const FIRST_SEED = Number(process.env['ASBB_TEST_SEED'] ?? 1);
const FREE = { take: () => ({ release: () => undefined }) };

/** mulberry32: the same seed gives the same day. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = Math.imul(state + 0x6d_2b_79_f5, 1);
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Chance = () => number;

function pick<T>(from: readonly T[], chance: Chance): T {
  const found = from[Math.floor(chance() * from.length)];
  if (found === undefined) {
    throw new Error('nothing to pick from');
  }
  return found;
}

const DEEDS: readonly (readonly [action: string, deed: FaultRule['do']])[] = [
  ['CreateFleet', { error: { code: 'InsufficientInstanceCapacity', status: 500 } }],
  ['CreateFleet', { error: { code: 'RequestLimitExceeded', status: 503 } }],
  ['CreateFleet', { error: { code: 'InternalError', status: 500 } }],
  ['CreateFleet', { execute: true, error: { code: 'InternalError', status: 500 } }],
  ['CreateFleet', { execute: true, drop: 'after' }],
  ['CreateFleet', { drop: 'before' }],
  ['CreateFleet', { execute: true, drop: 'mid-body' }],
  ['CreateFleet', { garbage: 'wrong-root' }],
  ['CreateFleet', { tags_late_s: 90, invisible_s: 20 }],
  ['CreateFleet', { launch_fails: 1 }],
  ['CreateFleet', { error: { code: 'SomethingNew', status: 400 } }],
  ['CreateFleet', { execute: true, error: { code: 'IdempotentParameterMismatch', status: 400 } }],
  ['RunInstances', { execute: true, drop: 'after' }],
  ['RunInstances', { error: { code: 'InsufficientInstanceCapacity', status: 500 } }],
  ['CreateTags', { error: { code: 'InternalError', status: 500 } }],
  ['CreateTags', { error: { code: 'InvalidParameterValue', status: 400 } }],
  ['CreateTags', { execute: true, drop: 'after' }],
  ['DescribeInstances', { error: { code: 'RequestLimitExceeded', status: 503 } }],
  ['DescribeInstances', { garbage: 'html' }],
  ['DescribeInstances', { page_size: 1 }],
  ['DescribeInstances', { repeat_page: true, page_size: 2 }],
  ['TerminateInstances', { error: { code: 'InternalError', status: 500 } }],
  ['TerminateInstances', { execute: true, drop: 'after' }],
  ['TerminateInstances', { error: { code: 'UnauthorizedOperation', status: 403 } }],
  ['CreatePlacementGroup', { execute: true, drop: 'after' }],
  ['DescribeSubnets', { error: { code: 'ServiceUnavailable', status: 503 } }],
];

function faultsOf(chance: Chance): readonly FaultRule[] {
  return Array.from({ length: Math.floor(chance() * 5) }, (_, at) => {
    const [action, deed] = pick(DEEDS, chance);
    return {
      id: `f${at}`,
      match: { action, p: 0.2 + chance() * 0.8, max: 1 + Math.floor(chance() * 6) },
      do: deed,
    };
  });
}

interface Day {
  readonly site: Site;
  readonly chance: Chance;
  readonly ports: BurstPorts;
  readonly jobs: ModelJob[];
  readonly free: string[][];
}

const GROUPS = ['cpu', 'spot', 'efa', 'run', 'two'];

/** Killed at some port call, now and then. */
function mortal({ ports, chance }: Day): BurstPorts {
  return chance() < 0.3 ? dieAfter(ports, 1 + Math.floor(chance() * 40)) : ports;
}

async function quietly(act: Promise<unknown>): Promise<void> {
  await act.catch((error: unknown) => {
    if (!(error instanceof Error && error.message === 'killed')) {
      throw error;
    }
  });
}

async function begin(day: Day): Promise<void> {
  const { site, chance } = day;
  const nodes = day.free.pop();
  if (nodes === undefined) {
    return;
  }
  const job = await site.submit();
  day.jobs.push(job);
  await call(day, job, site.slurm.allocate(job.jobId, nodes));
  if (chance() < 0.3) {
    await call(day, job, nodes);
  }
}

async function call(day: Day, job: ModelJob, nodes: readonly string[]): Promise<void> {
  if (nodes.length > 0) {
    await quietly(callResume(mortal(day), compressNodelist(nodes), [{ ...job, nodes }]));
  }
}

/** slurmctld starts waiting jobs again on the nodes they had, when those are off. */
async function again(day: Day): Promise<void> {
  const { slurm } = day.site;
  slurm.settle();
  for (const job of day.jobs.filter(({ state, isHeld }) => state === 'PENDING' && !isHeld)) {
    const nodes = day.free.pop();
    if (nodes !== undefined) {
      await call(day, job, slurm.allocate(job.jobId, nodes));
    }
  }
}

async function boot(day: Day): Promise<void> {
  const { site } = day;
  await site.forward(60);
  const named = (await site.fake.live()).filter(({ state }) => state === 'running');
  const up = named.flatMap(({ tags }) => tags['SlurmNode'] ?? []);
  site.slurm.register(up.filter((node) => site.slurm.node(node).flags.includes('POWERING_UP')));
}

async function finish(day: Day): Promise<void> {
  const { slurm } = day.site;
  const running = day.jobs.filter(({ state }) => state === 'RUNNING');
  if (running.length > 0) {
    const job = pick(running, day.chance);
    const nodes = [...job.nodes];
    slurm.end(job.jobId);
    slurm.powerDown(nodes);
    await quietly(suspend(compressNodelist(nodes), mortal(day)));
  }
}

async function lose(day: Day): Promise<void> {
  const live = await day.site.fake.live();
  if (live.length > 0) {
    const { id, market } = pick(live, day.chance);
    if (market === 'spot' && day.chance() < 0.5) {
      await day.site.fake.interrupt(id, 10);
      await day.site.forward(15);
    } else {
      await day.site.fake.external(day.chance() < 0.7 ? { terminate: id } : { stop: id });
    }
  }
}

async function timeOut(day: Day): Promise<void> {
  const { slurm } = day.site;
  const waiting = day.jobs.filter(({ state }) => state === 'CONFIGURING');
  if (waiting.length > 0) {
    const job = pick(waiting, day.chance);
    const nodes = job.nodes.filter((name) => slurm.node(name).flags.includes('POWERING_UP'));
    for (const node of nodes) {
      slurm.set(node, 'DOWN', 'NOT_RESPONDING', 'POWERED_DOWN');
    }
    Object.assign(job, { state: 'PENDING', nodes: [] });
    if (nodes.length > 0) {
      await quietly(resumeFail(compressNodelist(nodes), mortal(day)));
    }
  }
}

async function reconcile(ports: BurstPorts): Promise<void> {
  await quietly(nodesReconcile({}, { ...ports, locks: FREE }));
}

const EVENTS: readonly ((day: Day) => Promise<void>)[] = [
  begin,
  begin,
  again,
  boot,
  boot,
  finish,
  lose,
  timeOut,
  (day) => reconcile(mortal(day)),
  (day) => day.site.forward(130),
  async ({ site, chance }) => {
    site.slurm.fail(pick(['setAddresses', 'setNodeState', 'nodes', 'job', 'updateJob'], chance), 3);
    await Promise.resolve();
  },
  ({ site, chance }) =>
    site.fake.capacity({ type: 'c5.xlarge', set: Math.floor(chance() * 12) }).then(() => undefined),
];

async function runDay(seed: number): Promise<readonly string[]> {
  const chance = random(seed);
  const site = await startSite({
    settings: { burst: { breaker: { window: '600s', threshold: 1, open_for: '60s' } } },
  });
  const sizes = GROUPS.flatMap((group) => [1, 2, 4].map((size) => ({ group, size })));
  const free = sizes.map(({ group, size }) => [...nodeNames(group, size * 10, size * 11 - 1)]);
  const day: Day = { site, chance, ports: site.ports, jobs: [], free: shuffled(free, chance) };
  await site.fake.addFaults(...faultsOf(chance));
  for (let step = 0; step < 12; step += 1) {
    await pick(EVENTS, chance)(day);
  }
  return await aftermath(day);
}

function shuffled<T>(items: readonly T[], chance: Chance): T[] {
  return items
    .map((item) => ({ item, at: chance() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** The faults are gone, every job is over, slurmctld has powered its nodes down. */
async function aftermath(day: Day): Promise<readonly string[]> {
  const { site } = day;
  await site.fake.removeFaults(...(await site.fake.faults()).map(({ id }) => id));
  site.slurm.heal();
  for (const job of day.jobs.filter(({ state }) => state !== 'COMPLETED')) {
    const nodes = [...job.nodes];
    site.slurm.end(job.jobId, 'CANCELLED');
    site.slurm.powerDown(nodes);
  }
  site.slurm.settle();
  for (const node of await site.slurm.nodes()) {
    if (!node.flags.includes('POWERED_DOWN') || node.state === 'DOWN') {
      site.slurm.set(node.name, 'IDLE', 'POWERED_DOWN');
    }
  }
  for (let run = 0; run < 2; run += 1) {
    await site.forward(1000);
    await reconcile(day.ports);
  }
  await site.forward(100);
  await reconcile(day.ports);
  return await leftovers(site);
}

const happened = { launched: 0 };
afterAll(() => {
  process.stdout.write(`${RUNS} days from seed ${FIRST_SEED}: ${happened.launched} instances\n`);
});

async function leftovers(site: Site): Promise<readonly string[]> {
  const live = await site.fake.live();
  const launched = await site.fake.launched();
  const { fleet } = await site.books.ledger.read({ fleet: { instanceIds: launched, open: true } });
  const rows = new Set(fleet.instances.map(({ instanceId }) => instanceId));
  const { groups } = await site.fake.state();
  happened.launched += launched.length;
  return [
    ...live.map(({ id, tags }) => `${id} of ${tags['SlurmNode']} lives`),
    ...launched.filter((id) => !rows.has(id)).map((id) => `${id} has no row`),
    ...fleet.instances
      .filter(isLive)
      .map(({ instanceId }) => `${instanceId} is open in the ledger`),
    ...fleet.instances
      .filter(({ endCause }) => endCause === '')
      .map(({ instanceId }) => `${instanceId} has no end`),
    ...fleet.intents
      .filter(({ state }) => state !== 'done' && state !== 'failed')
      .map(({ intentId, state }) => `intent ${intentId} is ${state}`),
    ...groups.map(({ name }) => `group ${name} is left`),
    ...(await site.books.broken()),
  ];
}

it.each(Array.from({ length: RUNS }, (_, at) => FIRST_SEED + at))(
  'day %i leaves nothing behind',
  async (seed) => {
    expect(await runDay(seed)).toEqual([]);
  },
);
