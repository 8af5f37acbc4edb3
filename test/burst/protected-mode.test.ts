import { describe, expect, it } from 'vitest';
import { listNodes } from '../../src/flows/nodes-list.ts';
import { unprotectPartition } from '../../src/flows/nodes-unprotect.ts';
import { reconciled, running } from './support/reconciling.ts';
import { nodeNames, type Site, startSite } from './support/site.ts';

describe('9.7: protected mode', () => {
  const settings = { burst: { protected_failure_count: 3 } };

  async function bootsInVain(site: Site, times: number): Promise<void> {
    for (const node of nodeNames('cpu', 1, times)) {
      const job = await site.submit();
      await site.start(job, [node]);
      await site.forward(70);
      await reconciled(site);
      site.slurm.settle();
      site.slurm.end(job.jobId, 'CANCELLED');
    }
  }

  it('F37: boots fail in a row: the partition takes no jobs until a person says so', async () => {
    const site = await startSite({ settings });
    await bootsInVain(site, 2);
    expect(site.slurm.partitionStates.get('aws')).toBeUndefined();
    await bootsInVain(site, 1);
    expect(site.slurm.partitionStates.get('aws')).toBe('INACTIVE');
    expect(site.logged.map(({ event }) => event)).toContain('partition_protected');
    // Told once; an administrator who opens it by hand is not overruled.
    await reconciled(site);
    expect(site.slurm.callsOf('setPartitionState')).toHaveLength(1);
    const listed = await listNodes({}, site.ports);
    expect(listed).toMatchObject({ protectedNow: [{ partition: 'aws', failures: 3 }] });

    const ask = { partition: 'aws', isDryRun: true };
    const dry = await unprotectPartition(ask, site.ports);
    expect(dry).toMatchObject({ wasProtected: true, failures: 3, isDryRun: true });
    expect(site.slurm.partitionStates.get('aws')).toBe('INACTIVE');
    await unprotectPartition({ ...ask, isDryRun: false }, site.ports);
    expect(site.slurm.partitionStates.get('aws')).toBe('UP');
    expect(await listNodes({}, site.ports)).toMatchObject({ protectedNow: [] });
    const twice = await unprotectPartition({ ...ask, isDryRun: false }, site.ports);
    expect(twice).toMatchObject({ wasProtected: false, failures: 0 });
  });

  it('a success in between counts from zero', async () => {
    const site = await startSite({ settings });
    await bootsInVain(site, 2);
    await running(site, ['aws-two-001']);
    await bootsInVain(site, 2);
    expect(site.slurm.partitionStates.get('aws')).toBeUndefined();
  });

  it('with a job running there: an alert, nothing more', async () => {
    const site = await startSite({ settings });
    const job = await running(site, ['aws-two-001']);
    await bootsInVain(site, 3);
    expect(site.slurm.partitionStates.get('aws')).toBeUndefined();
    expect(site.logged.map(({ event }) => event)).toContain('boots_fail');
    site.slurm.end(job.jobId);
    await reconciled(site);
    expect(site.slurm.partitionStates.get('aws')).toBe('INACTIVE');
  });

  it('0 disables it', async () => {
    const site = await startSite({ settings: { burst: { protected_failure_count: 0 } } });
    await bootsInVain(site, 3);
    expect(site.slurm.callsOf('setPartitionState')).toEqual([]);
  });

  it('slurmctld does not take it: tried again by the next run', async () => {
    const site = await startSite({ settings });
    await bootsInVain(site, 2);
    site.slurm.fail('setPartitionState', 1);
    await bootsInVain(site, 1);
    expect(site.slurm.partitionStates.get('aws')).toBeUndefined();
    await reconciled(site);
    expect(site.slurm.partitionStates.get('aws')).toBe('INACTIVE');
  });

  it('a partition that is no burst partition is refused', async () => {
    const site = await startSite();
    const answer = await unprotectPartition({ partition: 'asw', isDryRun: false }, site.ports);
    expect(answer).toMatchObject({ code: 'NOT_FOUND', advice: 'did you mean aws?' });
    expect(site.slurm.callsOf('setPartitionState')).toEqual([]);
  });
});

describe('F14: too few CPUs register (INVALID_REG)', () => {
  it('the instance goes, its type is not launched for the group again', async () => {
    const site = await startSite();
    const job = await site.submit();
    await site.start(job, ['aws-two-001']);
    await site.forward(60);
    const [first] = await site.fake.live();
    site.slurm.set('aws-two-001', 'IDLE', 'INVALID_REG', 'DRAIN');
    await reconciled(site);
    expect(await site.fake.live()).toEqual([]);
    expect(site.slurm.suspended).toEqual(['aws-two-001']);
    site.slurm.settle();
    const again = await site.submit();
    await site.start(again, ['aws-two-002']);
    const [second] = await site.fake.live();
    expect([first?.type, second?.type].toSorted()).toEqual(['c5.xlarge', 'c6i.xlarge']);
    // Of another group it may still be a node.
    const other = await site.submit();
    await site.start(other, ['aws-cpu-001']);
    expect((await site.fake.live()).map(({ type }) => type)).toContain('c5.xlarge');
  });
});
