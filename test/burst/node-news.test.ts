import { describe, expect, it } from 'vitest';
import { isRefused } from '../../src/core/errors.ts';
import { listNodes } from '../../src/flows/nodes-list.ts';
import { exampleSettings } from '../support/settings.ts';
import { drains, firstLive, reconciled, rowOf, running } from './support/reconciling.ts';
import { nodeNames, type Site, startSite } from './support/site.ts';

describe('9.3: health of instances', () => {
  it('F35: impaired for 180 s: drained while its job runs, ended when that is over', async () => {
    const site = await startSite();
    const job = await running(site, ['aws-cpu-001']);
    await site.fake.external({ impair: await firstLive(site) });
    await site.forward(179);
    expect((await reconciled(site)).verdicts).toEqual([]);
    await site.forward(60);
    expect((await reconciled(site)).verdicts).toMatchObject([{ acts: ['drain'] }]);
    expect(drains(site)).toEqual([['aws-cpu-001', 'drain', 'asbb: ec2 health']]);
    // Drained once is enough.
    await site.forward(60);
    expect((await reconciled(site)).verdicts).toEqual([]);
    expect(job.state).toBe('RUNNING');
    site.slurm.end(job.jobId);
    await site.forward(60);
    expect((await reconciled(site)).verdicts).toMatchObject([
      { kind: 'drained', acts: ['terminate', 'power down', 'close'] },
    ]);
    expect(await site.fake.live()).toEqual([]);
    expect(site.slurm.suspended).toEqual(['aws-cpu-001']);
  });

  it('F35: at once when SLURM does not reach it either', async () => {
    const site = await startSite();
    await running(site, ['aws-cpu-001']);
    await site.fake.external({ impair: await firstLive(site) });
    await site.forward(200);
    site.slurm.set('aws-cpu-001', 'DOWN', 'NOT_RESPONDING');
    const { verdicts } = await reconciled(site);
    expect(verdicts).toMatchObject([{ kind: 'down', acts: ['terminate', 'power down', 'close'] }]);
    expect(await site.fake.live()).toEqual([]);
  });

  it.each([
    ['instance-retirement', 1],
    ['system-maintenance', 1],
    ['instance-stop', 1],
    ['nothing-grave', 0],
  ] as const)('a scheduled event drains: %s', async (code, times) => {
    const site = await startSite();
    await running(site, ['aws-cpu-001']);
    await site.fake.external({ event: await firstLive(site), code });
    await reconciled(site);
    expect(drains(site)).toHaveLength(times);
    expect(await site.fake.live()).toHaveLength(1);
  });

  it('asks three filtered listings, whatever the number of instances', async () => {
    const site = await startSite();
    await running(site, nodeNames('cpu', 1, 12));
    const before = (await site.fake.callsOf('DescribeInstanceStatus')).length;
    await reconciled(site);
    expect((await site.fake.callsOf('DescribeInstanceStatus')).length - before).toBe(3);
  });

  it('without an answer about health there is no news, and the rest is done', async () => {
    const site = await startSite();
    const job = await running(site, ['aws-cpu-001', 'aws-cpu-002']);
    await site.fake.external({ impair: await firstLive(site) });
    await site.forward(300);
    site.slurm.end(job.jobId);
    site.slurm.set('aws-cpu-002', 'IDLE', 'POWERED_DOWN');
    await site.fake.addFaults({
      id: 'no-status',
      match: { action: 'DescribeInstanceStatus' },
      do: { error: { code: 'UnauthorizedOperation', status: 403 } },
    });
    const result = await reconciled(site);
    expect(result).toMatchObject({ state: 'done', exitCode: 0 });
    expect(result.verdicts).toMatchObject([{ node: 'aws-cpu-002', acts: ['terminate', 'close'] }]);
    expect(site.logged.map(({ event }) => event)).toContain('health_unknown');
  });

  it('three boot failures of a type in a zone: not launched there for an hour', async () => {
    const site = await startSite();
    for (const node of nodeNames('cpu', 1, 3)) {
      const job = await site.submit();
      await site.start(job, [node]);
      await site.forward(70);
      await reconciled(site);
      site.slurm.settle();
    }
    const zones = new Set((await site.fake.state()).instances.map(({ az }) => az));
    expect([...zones]).toEqual(['us-east-1a']);
    const again = await site.submit();
    await site.start(again, ['aws-cpu-004']);
    expect((await site.fake.live()).map(({ az }) => az)).toEqual(['us-east-1b']);
    const listed = await listNodes({}, site.ports);
    expect(isRefused(listed) ? [] : listed.breakers.map(({ pool }) => pool)).toEqual([
      'boot|c5.xlarge|us-east-1a',
    ]);
  });
});

describe('9.4: spot life', () => {
  const When = /^asbb: spot interruption at 2026-11-21T12:\d\d:\d\dZ$/u;

  it('signal: the notice drains the node and reaches the job once', async () => {
    const site = await startSite();
    const job = await running(site, ['aws-spot-001']);
    await site.fake.interrupt(await firstLive(site), 120);
    await reconciled(site);
    await site.forward(55);
    await reconciled(site);
    expect(drains(site)).toEqual([['aws-spot-001', 'drain', expect.stringMatching(When)]]);
    expect(site.slurm.callsOf('signalJob')).toEqual([[job.jobId]]);
    expect(site.slurm.callsOf('requeueJob')).toEqual([]);
    expect(job.state).toBe('RUNNING');
    expect(await site.fake.live()).toHaveLength(1);
  });

  it('requeue: the job goes back to the queue at once', async () => {
    const site = await startSite({ settings: { burst: { spot_notice: 'requeue' } } });
    const job = await running(site, ['aws-spot-001']);
    await site.fake.interrupt(await firstLive(site), 120);
    await reconciled(site);
    expect(site.slurm.callsOf('requeueJob')).toEqual([[job.jobId]]);
    expect(job.state).toBe('PENDING');
    expect(drains(site)).toHaveLength(1);
  });

  it('wait: no new work, and nothing else', async () => {
    const site = await startSite({ settings: { burst: { spot_notice: 'wait' } } });
    const job = await running(site, ['aws-spot-001']);
    await site.fake.interrupt(await firstLive(site), 120);
    await reconciled(site);
    expect(drains(site)).toHaveLength(1);
    expect(site.slurm.callsOf('signalJob')).toEqual([]);
    expect(job.state).toBe('RUNNING');
  });

  it('F32: taken back under a gang: all its nodes go, the pool rests ten minutes', async () => {
    const site = await startSite();
    const nodes = nodeNames('spot', 1, 2);
    const job = await running(site, nodes);
    const victim = await firstLive(site);
    await site.fake.interrupt(victim, 0);
    await site.forward(30);
    await reconciled(site);
    expect(site.slurm.suspended).toEqual(['aws-spot-[001-002]']);
    expect(job.state).toBe('PENDING');
    expect(await rowOf(site, victim)).toMatchObject({ endCause: 'spot' });
    const listed = await listNodes({}, site.ports);
    const [breaker] = isRefused(listed) ? [] : listed.breakers;
    expect(breaker?.pool).toBe('c5.xlarge|us-east-1a|spot');
    const nowS = site.ports.clock.nowUs() / 1_000_000;
    expect(Math.round((breaker?.untilS ?? 0) - nowS)).toBe(600);
  });

  async function interruptedTwice(site: Site, amount = '500') {
    const job = await site.submit({ amount });
    for (const _attempt of [1, 2]) {
      await site.start(job, ['aws-spot-001']);
      await site.forward(60);
      site.slurm.register(['aws-spot-001']);
      await reconciled(site);
      await site.fake.interrupt(await firstLive(site), 0);
      await site.forward(30);
      await reconciled(site);
      site.slurm.settle();
      await site.forward(700);
      await reconciled(site);
    }
    return job;
  }

  it('a second interruption within a day: the next attempt is on-demand', async () => {
    const site = await startSite();
    const job = await interruptedTwice(site);
    await site.start(job, ['aws-spot-001']);
    expect((await site.fake.live()).map(({ market }) => market)).toEqual(['on-demand']);
    // Another job has learnt nothing from it.
    const other = await site.submit();
    await site.start(other, ['aws-spot-002']);
    const markets = (await site.fake.live()).map(({ market }) => market).toSorted();
    expect(markets).toEqual(['on-demand', 'spot']);
  });

  it('where the account does not allow that, spot again', async () => {
    const { cost, budget } = exampleSettings({});
    const hours = (3600 + cost.overhead_seconds) / 3600;
    const spot = Math.ceil(0.15 * hours * Number(budget.default_hold_percentage) * 100) / 100;
    // Each of the three runs has a hold of its own; nothing is left to raise the last.
    const site = await startSite({ deposit: (3 * spot).toFixed(2) });
    const job = await interruptedTwice(site, spot.toFixed(2));
    await site.start(job, ['aws-spot-001']);
    expect((await site.fake.live()).map(({ market }) => market)).toEqual(['spot']);
  });

  it('a day later it is spot again', async () => {
    const site = await startSite();
    const job = await interruptedTwice(site);
    await site.forward(86_400);
    await site.start(job, ['aws-spot-001']);
    expect((await site.fake.live()).map(({ market }) => market)).toEqual(['spot']);
  });
});
