import { describe, expect, it } from 'vitest';
import { isRefused } from '../../src/core/errors.ts';
import { compressNodelist } from '../../src/core/slurm/nodelist.ts';
import { rehearseResume } from '../../src/flows/resume-rehearsal.ts';
import type { Cloud } from '../../src/ports/cloud.ts';
import { callsOf, TARGET } from './support/one-group.ts';
import { callResume, nodeNames, type Site, SUBNET_A, startSite } from './support/site.ts';

// The rules of burst.md 5.3, clause by clause, each as a whole resume.

const TOTAL = `${TARGET}.TotalTargetCapacity`;
const CHANGES = /^(?:Create(?!Tags)|Run|Terminate|Delete)/u;
const NO_CAPACITY = { error: { code: 'InsufficientInstanceCapacity', status: 500 } } as const;

async function actions(site: Site): Promise<readonly string[]> {
  const requests = (await site.fake.journal()).filter(({ kind }) => kind === 'request');
  return requests.map((entry) => String(entry['action']));
}

async function changes(site: Site): Promise<readonly string[]> {
  return (await actions(site)).filter((action) => CHANGES.test(action));
}

async function targets(site: Site): Promise<readonly (string | undefined)[]> {
  return (await callsOf(site, 'CreateFleet')).map((call) => call[TOTAL]);
}

/** The same site, whose cloud tells what it is asked before it does it. */
function watched(site: Site, method: keyof Cloud, tell: () => Promise<void>) {
  const cloud = new Proxy(site.ports.cloud, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function'
        ? async (...args: readonly unknown[]) => {
            if (name === method) {
              await tell();
            }
            return await Reflect.apply(member, target, args);
          }
        : member;
    },
  });
  return { ...site.ports, cloud };
}

async function arrayOf(site: Site, tasks: number) {
  const first = await site.submit({ jobId: 500, arrayJobId: 500, arrayTask: 1, tasks });
  const { adminComment } = first;
  const jobs = [first];
  for (let task = 2; task <= tasks; task += 1) {
    const more = { arrayJobId: 500, arrayTask: task, hasHold: false, adminComment };
    jobs.push(await site.submit({ jobId: 499 + task, ...more }));
  }
  for (const [at, job] of jobs.entries()) {
    site.slurm.allocate(job.jobId, nodeNames('cpu', at + 1, at + 1));
  }
  return jobs;
}

describe('GANG-1: what is a gang', () => {
  it('tasks of one array: one best-effort call; what came is kept, the rest goes back', async () => {
    const site = await startSite();
    await site.fake.capacity({ type: 'c5.xlarge', az: 'us-east-1a', set: 2 });
    await site.fake.capacity({ type: 'c5.xlarge', az: 'us-east-1b', set: 0 });
    const jobs = await arrayOf(site, 4);
    const result = await site.resume('aws-cpu-[001-004]', jobs);
    const [first, ...later] = await callsOf(site, 'CreateFleet');
    expect(first).toMatchObject({ [TOTAL]: '4' });
    expect(Object.keys(first ?? {}).filter((name) => /Min|Single/u.test(name))).toEqual([]);
    expect(later.map((call) => call[TOTAL])).toEqual(['2']);
    expect(await site.fake.live()).toHaveLength(2);
    expect(result.gangs.map(({ bound, missing }) => [bound.length, missing.length])).toEqual([
      [2, 2],
    ]);
    expect(jobs.map(({ state }) => state).toSorted()).toEqual([
      ...['CONFIGURING', 'CONFIGURING', 'PENDING', 'PENDING'],
    ]);
  });

  it('tasks on two node groups are two calls', async () => {
    const site = await startSite();
    const jobs = await arrayOf(site, 2);
    site.slurm.allocate(jobs[1]?.jobId ?? 0, ['aws-two-001']);
    await site.resume('aws-cpu-001,aws-two-001', jobs);
    expect(await targets(site)).toEqual(['1', '1']);
    const groups = (await site.fake.live()).map(({ tags }) => tags['NodeGroup'] ?? '');
    expect(groups.toSorted()).toEqual(['aws-cpu', 'aws-two']);
  });

  it('two jobs of one node are two calls, each under its own hold', async () => {
    const site = await startSite();
    const jobs = [await site.submit(), await site.submit()];
    for (const [at, { jobId }] of jobs.entries()) {
      site.slurm.allocate(jobId, nodeNames('cpu', at + 1, at + 1));
    }
    await site.resume('aws-cpu-[001-002]', jobs);
    expect(await targets(site)).toEqual(['1', '1']);
    const holds = (await site.fake.live()).map(({ tags }) => tags['asbb:hold']);
    expect(new Set(holds).size).toBe(2);
  });
});

describe('GANG-2: all members, or none', () => {
  /** Two calls of two: the second finds one place left in the first zone. */
  async function partial() {
    const site = await startSite({ settings: { burst: { batch_size: 2 } } });
    await site.fake.capacity({ type: 'c5.xlarge', az: 'us-east-1a', set: 3 });
    return site;
  }

  it('a partial answer: ids in the ledger, then terminated, then the next rung', async () => {
    const site = await partial();
    const known: (readonly string[])[] = [];
    const ports = watched(site, 'terminate', async () => {
      const { fleet } = await site.books.open().read({ fleet: { open: true } });
      known.push(fleet.instances.map(({ instanceId }) => instanceId));
    });
    const job = await site.submit();
    const nodes = site.slurm.allocate(job.jobId, nodeNames('cpu', 1, 4));
    const result = await callResume(ports, compressNodelist(nodes), [job]);
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    expect(await changes(site)).toEqual([
      ...['CreateFleet', 'CreateFleet', 'TerminateInstances', 'CreateFleet', 'CreateFleet'],
    ]);
    const came = (await site.fake.launched()).slice(0, 2);
    expect(known.map((ids) => ids.toSorted())).toEqual([came.toSorted()]);
    expect(await site.fake.live()).toHaveLength(4);
  });

  it('without another rung nothing stays', async () => {
    const site = await partial();
    await site.fake.capacity({ type: 'c5.xlarge', az: 'us-east-1b', set: 0 });
    const job = await site.submit();
    const result = await site.start(job, nodeNames('cpu', 1, 4));
    expect(result.gangs).toMatchObject([{ kind: 'aborted' }]);
    expect(await site.fake.launched()).toHaveLength(2);
    expect(await site.fake.live()).toEqual([]);
    expect(job.state).toBe('PENDING');
  });
});

it('GANG-3: over 1,000 nodes: several calls; when one fails, the others are taken back', async () => {
  const failing = { match: { action: 'CreateFleet', where: { [TOTAL]: '100' } }, do: NO_CAPACITY };
  const site = await startSite({ faults: [{ id: 'second', ...failing }] });
  await site.fake.capacity({ type: 'c5.xlarge', az: 'us-east-1b', set: 0 });
  const job = await site.submit({ amount: '5000' });
  const result = await site.start(job, nodeNames('cpu', 1, 1100));
  expect(result.gangs).toMatchObject([{ kind: 'aborted' }]);
  expect((await targets(site)).slice(0, 2).toSorted()).toEqual(['100', '1000']);
  expect(await site.fake.launched()).toHaveLength(1000);
  expect(await site.fake.live()).toEqual([]);
  const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
  expect(fleet.instances.filter(({ state }) => state !== 'terminating')).toEqual([]);
  expect(site.slurm.suspended).toEqual(['aws-cpu-[001-1100]']);
});

describe('GANG-4: nodes of several node groups are one gang', () => {
  const List = 'aws-cpu-[001-002],aws-efa-001';

  async function onTwoGroups(site: Site) {
    const job = await site.submit();
    site.slurm.allocate(job.jobId, ['aws-cpu-001', 'aws-cpu-002', 'aws-efa-001']);
    return await site.resume(List, [job]);
  }

  it('a call for each, all bound', async () => {
    const site = await startSite();
    expect((await onTwoGroups(site)).gangs).toMatchObject([{ kind: 'bound' }]);
    expect((await targets(site)).toSorted()).toEqual(['1', '2']);
    expect(await site.fake.live()).toHaveLength(3);
  });

  it('when one group has no capacity, what the other launched goes too', async () => {
    const site = await startSite();
    await site.fake.capacity({ type: 'c5n.18xlarge', set: 0 });
    expect((await onTwoGroups(site)).gangs).toMatchObject([{ kind: 'aborted' }]);
    expect((await site.fake.launched()).length).toBeGreaterThan(0);
    expect(await site.fake.live()).toEqual([]);
    expect(site.slurm.suspended).toEqual([List]);
  });
});

it('GANG-5: when the missing members cannot come, the job is requeued all the same', async () => {
  const site = await startSite();
  const first = await site.submit();
  await site.start(first, ['aws-cpu-001', 'aws-cpu-002']);
  site.slurm.register(['aws-cpu-001', 'aws-cpu-002']);
  site.slurm.end(first.jobId);
  await site.fake.capacity({ type: 'c5.xlarge', set: 0 });
  const job = await site.submit();
  const missing = site.slurm.allocate(job.jobId, nodeNames('cpu', 1, 4));
  const result = await site.resume(compressNodelist(missing), [{ ...job, nodes: missing }]);
  expect(result.gangs).toMatchObject([{ kind: 'aborted', nodes: missing }]);
  expect(job).toMatchObject({ state: 'PENDING', restarts: 1, startIn: expect.any(Number) });
  // The two that were up are nobody's now; they idle until SuspendTime.
  expect(await site.fake.live()).toHaveLength(2);
  expect(site.slurm.suspended).toEqual(['aws-cpu-[003-004]']);
});

describe('GANG-6: one zone, that of the members that exist', () => {
  /** aws-efa-001 runs in the second zone, and the first has room again. */
  async function oneMemberInB() {
    const site = await startSite();
    await site.fake.capacity({ type: 'c5n.18xlarge', az: 'us-east-1a', set: 0 });
    const first = await site.submit();
    await site.start(first, ['aws-efa-001']);
    site.slurm.register(['aws-efa-001']);
    site.slurm.end(first.jobId);
    await site.fake.capacity({ type: 'c5n.18xlarge', az: 'us-east-1a', set: 100 });
    await site.forward(3600); // the breaker of the first zone has closed
    const before = (await callsOf(site, 'CreateFleet')).length;
    const job = await site.submit({ name: 'gromacs' });
    const missing = site.slurm.allocate(job.jobId, nodeNames('efa', 1, 4));
    return { site, job: { ...job, nodes: missing }, list: compressNodelist(missing), before };
  }

  async function zones(site: Site): Promise<readonly string[]> {
    return [...new Set((await site.fake.live()).map(({ az }) => az))];
  }

  it('new members come where the others are', async () => {
    const { site, job, list } = await oneMemberInB();
    expect(await zones(site)).toEqual(['us-east-1b']);
    expect((await site.resume(list, [job])).gangs).toMatchObject([{ kind: 'bound' }]);
    expect(await zones(site)).toEqual(['us-east-1b']);
    expect(await site.fake.live()).toHaveLength(4);
  });

  it('CMD-4: a dry run names the same zone', async () => {
    const { site, list } = await oneMemberInB();
    const ask = { nodeList: list, jobs: undefined };
    const shown = await rehearseResume(ask, { asksPermission: false }, site.ports);
    expect(isRefused(shown) ? shown.text : shown.gangs[0]?.calls[0]?.step.zone).toBe('us-east-1b');
  });

  it('and nowhere else, when that zone is full', async () => {
    const { site, job, list, before } = await oneMemberInB();
    await site.fake.capacity({ type: 'c5n.18xlarge', az: 'us-east-1b', set: 1 });
    expect((await site.resume(list, [job])).gangs).toMatchObject([{ kind: 'aborted' }]);
    const calls = (await callsOf(site, 'CreateFleet')).slice(before);
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.filter((call) => Object.values(call).includes(SUBNET_A))).toEqual([]);
    expect(await site.fake.live()).toHaveLength(1);
  });
});

it('GANG-7: whether there is capacity is asked by launching, and by nothing else', async () => {
  const site = await startSite();
  await site.start(await site.submit(), nodeNames('cpu', 1, 2)); // now the catalogue is known
  const before = (await actions(site)).length;
  await site.fake.capacity({ type: 'c5.xlarge', set: 0 }); // offered everywhere all the same
  const result = await site.start(await site.submit(), nodeNames('cpu', 3, 6));
  expect(result.gangs[0]?.cause).toMatchObject({ code: 'InsufficientInstanceCapacity' });
  const asked = (await actions(site)).slice(before);
  const reading = asked.slice(0, asked.indexOf('CreateFleet'));
  expect(new Set(reading)).toEqual(new Set(['DescribeSubnets', 'DescribeLaunchTemplateVersions']));
  const calls = await callsOf(site, 'CreateFleet');
  expect(calls.filter((call) => 'DryRun' in call)).toEqual([]);
});

it('SL-6: an abort keeps the text of others in admin_comment, and the comment of the user', async () => {
  const site = await startSite();
  await site.fake.capacity({ type: 'c5.xlarge', set: 0 });
  const job = await site.submit({ comment: 'mine' });
  job.adminComment = `ops note ${job.adminComment}`;
  await site.start(job, ['aws-cpu-001']);
  expect(job.comment).toBe('mine');
  expect(job.adminComment).toMatch(/^ops note asbb:hold=[0-9a-z]{26} asbb:last=\S+#1$/u);
});
