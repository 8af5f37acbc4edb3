import { describe, expect, it } from 'vitest';
import { abortsNote, parseAborts } from '../../src/core/burst/aborts.ts';
import { reconciled } from './support/reconciling.ts';
import { type Site, startSite } from './support/site.ts';
import type { ModelJob } from './support/slurm-model.ts';

const settings = { burst: { max_aborts_per_job: 3, protected_failure_count: 0 } };

async function abortsOf(site: Site, { jobId }: ModelJob): Promise<number | undefined> {
  const name = abortsNote('hpc1');
  const { notes } = await site.books.ledger.read({ notes: [name] });
  return parseAborts(notes[name])[`${jobId}`]?.count;
}

/** Launched and bound; of its nodes these register, the others never. */
async function bootsWith(
  site: Site,
  job: ModelJob,
  nodes: readonly string[],
  up: readonly string[],
): Promise<string | undefined> {
  const { gangs } = await site.start(job, nodes);
  await site.forward(30);
  site.slurm.register(up);
  await reconciled(site);
  await site.forward(4000); // past the boot timeout and every breaker
  await reconciled(site);
  site.slurm.settle();
  return gangs[0]?.kind;
}

describe('9.5 step 5: aborts in a row', () => {
  it.each([
    ['no node registers', ['aws-cpu-001'], []],
    ['one of two never registers', ['aws-cpu-001', 'aws-cpu-002'], ['aws-cpu-001']],
  ])(
    'after max_aborts_per_job the job is held, also when all is bound and %s',
    async (_, nodes, up) => {
      const site = await startSite({ settings });
      const job = await site.submit();
      for (let abort = 1; abort <= 3; abort += 1) {
        expect(job.isHeld).toBe(false);
        expect(await bootsWith(site, job, nodes, up)).toBe('bound');
        expect(await abortsOf(site, job)).toBe(abort);
      }
      expect(job.isHeld).toBe(true);
      expect(await site.fake.live()).toEqual([]);
    },
  );

  it('a job that ran on all of its nodes has none any more', async () => {
    const site = await startSite({ settings });
    const job = await site.submit();
    await bootsWith(site, job, ['aws-cpu-001'], []);
    expect(await abortsOf(site, job)).toBe(1);
    await site.start(job, ['aws-cpu-002']);
    await site.forward(30);
    await reconciled(site);
    expect(await abortsOf(site, job)).toBe(1);
    site.slurm.register(['aws-cpu-002']);
    await reconciled(site);
    expect(job.state).toBe('RUNNING');
    expect(await abortsOf(site, job)).toBeUndefined();
  });
});
