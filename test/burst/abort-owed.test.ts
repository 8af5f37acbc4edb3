import { describe, expect, it } from 'vitest';
import { abortsNote, owedIn, parseAborts } from '../../src/core/burst/aborts.ts';
import { resumeFail } from '../../src/flows/resume-fail.ts';
import { TEST_CLUSTER } from '../support/ledger.ts';
import { startProcessSite } from './support/process-site.ts';
import { reconciled } from './support/reconciling.ts';
import { nodeNames, type Site, startSite } from './support/site.ts';
import type { ModelJob } from './support/slurm-model.ts';

// burst.md 9.5 steps 4 and 5: real slurmctld requeues a job some 11 s after ResumeTimeout, when the hook
// has gone. What the job is due is in the ledger since the abort; the next reconcile tells SLURM.

const GANG = nodeNames('cpu', 1, 3);

async function owed(site: Site): Promise<readonly number[]> {
  const name = abortsNote(TEST_CLUSTER);
  const { notes } = await site.books.ledger.read({ notes: [name] });
  return owedIn(parseAborts(notes[name])).map(({ jobId }) => jobId);
}

function secondsOf(site: Site): number {
  return site.books.clock.nowUs() / 1_000_000;
}

/** Its gang has been given up; slurmctld takes its time. */
async function lateJob(options: Parameters<typeof startSite>[0] = {}, job: Partial<ModelJob> = {}) {
  const site = await startSite(options);
  site.slurm.requeuesLate = true;
  const late = await site.submit(job);
  await site.start(late, GANG);
  await site.forward(60);
  const atS = secondsOf(site);
  await resumeFail('aws-cpu-003', site.ports);
  return { site, job: late, atS };
}

describe('9.5: a job that is requeued after the hook has gone', () => {
  it('gets its word and what is left of its delay from the next reconcile, once', async () => {
    const { site, job, atS } = await lateJob({ settings: { burst: { requeue_delay: 300 } } });
    expect(job).toMatchObject({ state: 'COMPLETING', startIn: undefined });
    expect(await owed(site)).toEqual([job.jobId]);
    await reconciled(site);
    expect(site.slurm.callsOf('updateJob')).toEqual([]);
    expect(await owed(site)).toEqual([job.jobId]);
    site.slurm.requeueNow();
    await site.forward(40);
    await reconciled(site, { isDryRun: true });
    expect(site.slurm.callsOf('updateJob')).toEqual([]);
    await reconciled(site);
    expect(job).toMatchObject({ state: 'PENDING', startIn: 260, isHeld: false });
    expect(job.adminComment).toMatch(new RegExp(` asbb:last=ResumeTimeout@${atS}#1$`, 'u'));
    expect(job.comment).toBe('asbb: a node did not register within ResumeTimeout');
    expect(await owed(site)).toEqual([]);
    await reconciled(site);
    expect(site.slurm.callsOf('updateJob')).toHaveLength(1);
    expect(await site.books.broken()).toEqual([]);
  });

  it('a delay that is over is none; without slurmctld all of it stays owed', async () => {
    const { site, job } = await lateJob();
    site.slurm.requeueNow();
    await site.forward(90);
    site.slurm.fail('job');
    await reconciled(site);
    expect(await owed(site)).toEqual([job.jobId]);
    site.slurm.heal();
    site.slurm.fail('updateJob', 1);
    await reconciled(site);
    expect(await owed(site)).toEqual([job.jobId]);
    await reconciled(site);
    expect(job.startIn).toBe(1);
    expect(await owed(site)).toEqual([]);
  });

  it('after max_aborts_per_job it is held, also when that fails at first', async () => {
    const { site, job } = await lateJob({ settings: { burst: { max_aborts_per_job: 1 } } });
    site.slurm.requeueNow();
    site.slurm.fail('holdJob', 1);
    await reconciled(site);
    expect(job).toMatchObject({ isHeld: false, startIn: 121 });
    expect(job.adminComment).not.toContain('asbb:last=');
    await reconciled(site);
    expect(job).toMatchObject({ isHeld: true, startIn: 121 });
    expect(job.adminComment).toContain('asbb:last=ResumeTimeout@');
    expect(await owed(site)).toEqual([]);
  });

  it('is left alone when it ended, started anew, or has the word already', async () => {
    const ended = await lateJob();
    ended.site.slurm.end(ended.job.jobId, 'CANCELLED');
    await reconciled(ended.site);
    expect(await owed(ended.site)).toEqual([]);

    const anew = await lateJob();
    anew.site.slurm.requeueNow();
    await anew.site.forward(130);
    Object.assign(anew.job, { state: 'RUNNING', startS: secondsOf(anew.site) });
    await reconciled(anew.site);
    expect(await owed(anew.site)).toEqual([]);

    const told = await lateJob();
    told.site.slurm.requeueNow();
    told.job.adminComment += ` asbb:last=ResumeTimeout@${told.atS}#1`;
    await reconciled(told.site);
    expect(await owed(told.site)).toEqual([]);
    for (const { site } of [ended, anew, told]) {
      expect(site.slurm.callsOf('updateJob')).toEqual([]);
      expect(site.slurm.callsOf('holdJob')).toEqual([]);
    }
  });

  it('a second abort before the first was told: one word, the longer delay', async () => {
    const { site, job } = await lateJob();
    site.slurm.requeueNow();
    site.slurm.settle();
    await site.forward(10);
    await site.start(job, GANG);
    job.startS = secondsOf(site);
    await site.forward(60);
    const atS = secondsOf(site);
    await resumeFail('aws-cpu-001', site.ports);
    site.slurm.requeueNow();
    await reconciled(site);
    expect(site.slurm.callsOf('updateJob')).toHaveLength(1);
    expect(job.adminComment).toContain(`asbb:last=ResumeTimeout@${atS}#`);
    // The gang was bound in between, but never ran: the second failed start in a row.
    expect(job.startIn).toBe(60);
  });
});

it('9.5: by real processes: the hook goes, slurmctld requeues, cron tells the job once', async () => {
  const site = await startProcessSite();
  try {
    const jobId = await site.job('aws-cpu-[001-002]', 2);
    site.write('late', '');
    await site.fake.capacity({ type: 'c5.xlarge', set: 0 });
    await site.asbb(['hook', 'resume', 'aws-cpu-[001-002]']);
    expect(updates(site.calls())).toEqual([]);
    site.write(
      `job-${jobId}`,
      site.read(`job-${jobId}`).replace('JobState=CONFIGURING', 'JobState=PENDING'),
    );
    site.write('queue', '');
    site.write('queue-on-nodes', '');
    await site.fake.advance(15);
    await site.asbb(['nodes', 'reconcile']);
    const [update = '', ...more] = updates(site.calls());
    expect(more).toEqual([]);
    expect(update).toMatch(
      /\[jobid=\d+\] \[admincomment=asbb:hold=\S+ asbb:last=InsufficientInstanceCapacity@\d+#1\]/u,
    );
    // Ten minutes from the refusal, and up to 15 s more.
    const delay = Number(/starttime=now\+(\d+)/u.exec(update)?.[1]);
    expect(delay).toBeGreaterThanOrEqual(585);
    expect(delay).toBeLessThanOrEqual(600);
    await site.asbb(['nodes', 'reconcile']);
    expect(updates(site.calls())).toHaveLength(1);
    expect(await site.broken()).toEqual([]);
  } finally {
    await site.close();
  }
});

function updates(calls: readonly string[]): readonly string[] {
  return calls.filter((call) => /^scontrol \[update\] \[jobid=/iu.test(call));
}
