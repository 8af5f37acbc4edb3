import { describe, expect, it } from 'vitest';
import { Fault, isRefused } from '../../src/core/errors.ts';
import { resumeFail } from '../../src/flows/resume-fail.ts';
import type { BurstPorts } from '../../src/flows/steps/burst-ports.ts';
import { type SuspendResult, suspend } from '../../src/flows/suspend.ts';
import { nodeNames, type Site, startSite } from './support/site.ts';

async function suspended(nodeList: string, ports: BurstPorts): Promise<SuspendResult> {
  const result = await suspend(nodeList, ports);
  if (isRefused(result)) {
    throw new Error(result.text);
  }
  return result;
}

function deadLedger(ports: BurstPorts): BurstPorts {
  function broken(): Promise<never> {
    return Promise.reject(new Fault('the ledger is damaged', { exitCode: 22 }));
  }
  return { ...ports, ledger: { read: broken, decide: broken, close: () => undefined } };
}

/** A gang that runs, and is then powered down by slurmctld. */
async function runningGang(site: Site, nodes: readonly string[]) {
  const job = await site.submit();
  await site.start(job, nodes);
  await site.forward(60);
  site.slurm.register(nodes);
  return job;
}

describe('hook suspend (burst.md 7.6)', () => {
  it('terminates, records, resets addresses; twice is once', async () => {
    const site = await startSite();
    const nodes = nodeNames('cpu', 1, 4);
    const job = await runningGang(site, nodes);
    site.slurm.end(job.jobId);
    site.slurm.powerDown(nodes);
    const result = await suspended('aws-cpu-[001-004]', site.ports);
    expect(result).toMatchObject({ exitCode: 0, failed: [], alreadyGone: [], skipped: [] });
    expect(result.terminated.map(({ node }) => node).toSorted()).toEqual(nodes);
    expect(await site.fake.live()).toEqual([]);
    expect(site.slurm.node('aws-cpu-001').address).toBe('aws-cpu-001');
    const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
    expect(fleet.instances.map(({ state, endCause }) => [state, endCause])).toEqual(
      nodes.map(() => ['terminating', '']),
    );
    const again = await suspended('aws-cpu-[001-004]', site.ports);
    expect(again).toMatchObject({ exitCode: 0, terminated: [], alreadyGone: nodes });
  });

  it('5.9: a node that SLURM takes for up keeps its address: slurmctld must not look up its name', async () => {
    const site = await startSite();
    const nodes = nodeNames('cpu', 1, 2);
    const job = await runningGang(site, nodes);
    const { address } = site.slurm.node('aws-cpu-001');
    site.slurm.end(job.jobId);
    await suspended('aws-cpu-[001-002]', site.ports);
    expect(await site.fake.live()).toEqual([]);
    expect(site.slurm.node('aws-cpu-001').address).toBe(address);
    site.slurm.powerDown(nodes);
    await suspended('aws-cpu-[001-002]', site.ports);
    expect(site.slurm.node('aws-cpu-001').address).toBe('aws-cpu-001');
  });

  it('succeeds for a node without instance (CMD-6), refuses a bad list (CMD-5)', async () => {
    const site = await startSite();
    expect(await suspended('aws-cpu-009', site.ports)).toMatchObject({
      exitCode: 0,
      alreadyGone: ['aws-cpu-009'],
    });
    expect(await suspend('', site.ports)).toMatchObject({ text: 'nodelist is empty' });
    expect(await suspend('n[1', site.ports)).toMatchObject({ code: 'VALIDATION_ERROR' });
  });

  it('leaves a node alone that is in use again', async () => {
    const site = await startSite();
    await runningGang(site, nodeNames('cpu', 1, 2));
    site.slurm.powerDown(['aws-cpu-002']);
    const result = await suspended('aws-cpu-[001-002]', site.ports);
    expect(result).toMatchObject({ skipped: ['aws-cpu-001'] });
    expect((await site.fake.live()).map(({ tags }) => tags['SlurmNode'])).toEqual(['aws-cpu-001']);
  });

  it('terminates what only the tags name', async () => {
    const site = await startSite();
    await site.fake.external({
      launch: {
        type: 'c5.xlarge',
        subnet: 'subnet-0a11ce00000000001',
        tags: { 'asbb:cluster': 'hpc1', SlurmNode: 'aws-cpu-007', 'asbb:intent': '99' },
      },
    });
    await site.fake.external({
      launch: {
        type: 'c5.xlarge',
        subnet: 'subnet-0a11ce00000000001',
        tags: { 'asbb:cluster': 'other', SlurmNode: 'aws-cpu-007' },
      },
    });
    await suspended('aws-cpu-007', site.ports);
    const live = await site.fake.live();
    expect(live.map(({ tags }) => tags['asbb:cluster'])).toEqual(['other']);
  });

  it('F25: one bad id does not stop the others', async () => {
    const site = await startSite();
    const nodes = nodeNames('cpu', 1, 5);
    await runningGang(site, nodes);
    // One that EC2 has forgotten: the ledger has not heard of its end.
    const victim = (await site.fake.live())[2];
    await site.fake.external({ terminate: victim?.id ?? '' });
    await site.forward(7200);
    site.slurm.powerDown(nodes);
    const result = await suspended('aws-cpu-[001-005]', site.ports);
    expect(result.terminated).toHaveLength(4);
    expect(result.alreadyGone).toHaveLength(1);
    expect(result.exitCode).toBe(0);
    expect(await site.fake.live()).toEqual([]);
  });

  it('F26: a protected instance stays and is reported, the others go', async () => {
    const site = await startSite();
    const nodes = nodeNames('cpu', 1, 5);
    await runningGang(site, nodes);
    const kept = (await site.fake.live())[1];
    await site.fake.external({ protect: kept?.id ?? '' });
    site.slurm.powerDown(nodes);
    const result = await suspended('aws-cpu-[001-005]', site.ports);
    expect(result.failed).toMatchObject([{ instanceId: kept?.id, code: 'OperationNotPermitted' }]);
    expect(result.exitCode).toBe(1);
    expect((await site.fake.live()).map(({ id }) => id)).toEqual([kept?.id]);
  });

  it('without a usable ledger the tags and the power state decide (reliability.md 2.5)', async () => {
    const site = await startSite();
    await runningGang(site, nodeNames('cpu', 1, 3));
    site.slurm.powerDown(['aws-cpu-001', 'aws-cpu-002']);
    const result = await suspended('aws-cpu-[001-003]', deadLedger(site.ports));
    expect(result).toMatchObject({ exitCode: 75, skipped: ['aws-cpu-003'] });
    expect(result.terminated).toHaveLength(2);
    expect(site.spooled.map(({ kind }) => kind)).toEqual(['suspended']);
    const again = await suspended('aws-cpu-[001-003]', deadLedger(site.ports));
    expect(again.terminated).toEqual([]);
  });

  it('with slurmctld silent the launch time alone decides', async () => {
    const site = await startSite();
    await runningGang(site, nodeNames('cpu', 1, 2));
    site.slurm.fail('nodes');
    const result = await suspended('aws-cpu-[001-002]', deadLedger(site.ports));
    expect(result.terminated).toHaveLength(2);
  });

  it('is throttled: goes on, the rest is told by exit code 75', async () => {
    const site = await startSite({
      faults: [
        {
          id: 'busy',
          match: { action: 'TerminateInstances', max: 4 },
          do: { error: { code: 'RequestLimitExceeded', status: 503 } },
        },
      ],
    });
    await runningGang(site, ['aws-cpu-001']);
    site.slurm.powerDown(['aws-cpu-001']);
    const result = await suspended('aws-cpu-001', site.ports);
    await site.fake.requireFaultsFired();
    expect(result).toMatchObject({ exitCode: 0, failed: [] });
    expect(await site.fake.live()).toEqual([]);
  });
});

describe('hook resume-fail (burst.md 7.6, F31)', () => {
  it('ends the whole gang of a node that never registered, once', async () => {
    const site = await startSite();
    const nodes = nodeNames('efa', 1, 4);
    const job = await site.submit();
    await site.start(job, nodes);
    await site.forward(60);
    site.slurm.register(nodes.slice(0, 3));
    // slurmctld has given up: the node is down~, the job requeued.
    site.slurm.set('aws-efa-004', 'DOWN', 'NOT_RESPONDING', 'POWERED_DOWN');
    Object.assign(job, { state: 'PENDING', nodes: [] });
    const { address } = site.slurm.node('aws-efa-001');
    expect(address).not.toBe('aws-efa-001');
    const result = await resumeFail('aws-efa-004', site.ports);
    expect(result).toMatchObject({ exitCode: 0, strangers: [], aborted: [{ nodes }] });
    expect(await site.fake.live()).toEqual([]);
    expect(site.slurm.suspended).toEqual(['aws-efa-[001-004]']);
    // SLURM must still reach them to end the job; SuspendProgram takes the addresses back.
    expect(site.slurm.node('aws-efa-001').address).toBe(address);
    expect(job).toMatchObject({ startIn: 30, adminComment: expect.stringContaining('#1') });
    expect(site.logged.filter(({ event }) => event === 'boot_failed')).toHaveLength(1);
    await resumeFail('aws-efa-004', site.ports);
    expect(job.startIn).toBe(30);
  });

  it('of an array takes only the node that failed', async () => {
    const site = await startSite();
    const array = await site.submit({ jobId: 700, arrayJobId: 700, arrayTask: 1, tasks: 2 });
    const { adminComment } = array;
    const second = await site.submit({
      jobId: 701,
      arrayJobId: 700,
      arrayTask: 2,
      hasHold: false,
      adminComment,
    });
    site.slurm.allocate(700, ['aws-cpu-001']);
    site.slurm.allocate(701, ['aws-cpu-002']);
    await site.resume('aws-cpu-[001-002]', [array, second]);
    site.slurm.register(['aws-cpu-001']);
    site.slurm.set('aws-cpu-002', 'DOWN', 'NOT_RESPONDING', 'POWERED_DOWN');
    await resumeFail('aws-cpu-002', site.ports);
    expect((await site.fake.live()).map(({ tags }) => tags['SlurmNode'])).toEqual(['aws-cpu-001']);
    expect(site.slurm.suspended).toEqual(['aws-cpu-002']);
  });

  it('works without a ledger, and for nodes that nobody launched', async () => {
    const site = await startSite();
    await runningGang(site, nodeNames('cpu', 1, 2));
    site.slurm.set('aws-cpu-001', 'DOWN', 'NOT_RESPONDING', 'POWERED_DOWN');
    const blind = await resumeFail('aws-cpu-001', deadLedger(site.ports));
    expect(blind).toMatchObject({ exitCode: 75 });
    expect((await site.fake.live()).map(({ tags }) => tags['SlurmNode'])).toEqual(['aws-cpu-002']);
    const stranger = await resumeFail('aws-cpu-050', site.ports);
    expect(stranger).toMatchObject({ exitCode: 0, strangers: ['aws-cpu-050'] });
    expect(site.slurm.suspended).toEqual(['aws-cpu-001', 'aws-cpu-050']);
  });
});
