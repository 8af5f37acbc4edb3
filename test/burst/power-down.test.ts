import { describe, expect, it } from 'vitest';
import { isRefused } from '../../src/core/errors.ts';
import { suspend } from '../../src/flows/suspend.ts';
import { firstLive, reconciled, running } from './support/reconciling.ts';
import { type Site, startSite } from './support/site.ts';

/** `scontrol update state=power_down` of a busy node: SLURM waits for its job. */
async function marked(): Promise<Site> {
  const site = await startSite();
  await running(site, ['aws-cpu-001']);
  site.slurm.set('aws-cpu-001', 'ALLOCATED', 'POWER_DOWN');
  return site;
}

describe('7.4: state=power_down of a busy node acts after its job', () => {
  it('9.2: reconcile leaves its instance alone, until the job is over', async () => {
    const site = await marked();
    expect(await reconciled(site)).toMatchObject({ state: 'done', verdicts: [] });
    expect(await site.fake.live()).toHaveLength(1);
    for (const { jobId } of site.slurm.jobsById.values()) {
      site.slurm.end(jobId);
    }
    await reconciled(site);
    expect(await site.fake.live()).toEqual([]);
  });

  it('9.2: an instance that is lost under the job takes the job with it all the same', async () => {
    const site = await marked();
    await site.fake.external({ terminate: await firstLive(site) });
    await site.forward(30);
    await reconciled(site);
    const told = site.slurm.callsOf('setNodeState').map(([nodes, state]) => [nodes, state]);
    expect(told).toEqual([['aws-cpu-001', 'power_down_force']]);
  });

  it('7.6: suspend by hand skips it', async () => {
    const site = await marked();
    expect(await suspend('aws-cpu-001', site.ports)).toMatchObject({ skipped: ['aws-cpu-001'] });
    expect(await site.fake.live()).toHaveLength(1);
    site.slurm.set('aws-cpu-001', 'COMPLETING', 'POWER_DOWN');
    const completing = await suspend('aws-cpu-001', site.ports);
    expect(completing).toMatchObject({ skipped: ['aws-cpu-001'] });
    site.slurm.set('aws-cpu-001', 'IDLE', 'POWER_DOWN');
    const result = await suspend('aws-cpu-001', site.ports);
    expect(isRefused(result) ? [] : result.terminated).toHaveLength(1);
  });
});
