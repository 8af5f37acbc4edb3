import { describe, expect, it } from 'vitest';
import { Ec2Cloud } from '../../src/adapters/ec2/ec2-cloud.ts';
import type { Settings } from '../../src/core/config/settings.ts';
import { walkingClock } from './support/budget.ts';
import { callResume, nodeNames, type Site, startSite } from './support/site.ts';

const THROTTLED = { error: { code: 'RequestLimitExceeded', status: 503 } } as const;

/** Pauses cost nothing and are written down. */
function patient(site: Site, resumeTimeoutS: number) {
  const walking = walkingClock();
  const pauses: number[] = [];
  const settings: Settings = {
    ...site.settings,
    slurm: { ...site.settings.slurm, resume_timeout: resumeTimeoutS },
  };
  const clock = {
    nowUs: () => site.ports.clock.nowUs(),
    monotonicMs: walking.monotonicMs,
    sleep: async (milliseconds: number) => {
      pauses.push(milliseconds);
      await walking.sleep(milliseconds);
    },
  };
  return { ports: { ...site.ports, settings, clock }, pauses, clock };
}

async function throttledSite(): Promise<Site> {
  return await startSite({
    faults: [{ id: 'busy', match: { action: 'CreateFleet' }, do: THROTTLED }],
  });
}

describe('5.7: retries of a launch are ours', () => {
  it('RequestLimitExceeded: ten attempts, 1 s doubled each time, jitter of half a second, one token', async () => {
    const site = await throttledSite();
    const { ports, pauses } = patient(site, 100_000);
    const job = await site.submit();
    site.slurm.allocate(job.jobId, nodeNames('cpu', 1, 2));
    const result = await callResume(ports, 'aws-cpu-[001-002]', [job]);
    expect(result.gangs).toMatchObject([{ kind: 'aborted', cause: { as: 'throttle' } }]);
    expect(await site.fake.callsOf('CreateFleet')).toHaveLength(10);
    expect(await site.fake.tokensUsed()).toHaveLength(1);
    const waits = pauses.filter((milliseconds) => milliseconds >= 1000).slice(0, 9);
    for (const [at, wait] of waits.entries()) {
      expect(wait - 1000 * 2 ** at).toBeGreaterThanOrEqual(0);
      expect(wait - 1000 * 2 ** at).toBeLessThanOrEqual(500);
    }
    expect(waits).toHaveLength(9);
  });

  it('and always within the time of the hook: 60 % of ResumeTimeout', async () => {
    const site = await throttledSite();
    const { ports, clock } = patient(site, 100);
    const job = await site.submit();
    site.slurm.allocate(job.jobId, nodeNames('cpu', 1, 2));
    const result = await callResume(ports, 'aws-cpu-[001-002]', [job]);
    expect(result.exitCode).toBe(75);
    // 1 + 2 + 4 + 8 + 16 s of pauses; 32 s more would be too late.
    expect(await site.fake.callsOf('CreateFleet')).toHaveLength(6);
    expect(clock.monotonicMs()).toBeLessThan(60_000);
  });

  it('the SDK makes each launch once, whatever aws.retry_max_attempts says', async () => {
    const site = await throttledSite();
    const { ports } = patient(site, 6);
    const settings = { ...ports.settings, aws: { ...ports.settings.aws, retry_max_attempts: 7 } };
    const job = await site.submit();
    site.slurm.allocate(job.jobId, ['aws-cpu-001']);
    await callResume({ ...ports, settings, cloud: new Ec2Cloud(settings) }, 'aws-cpu-001', [job]);
    const attempts = (await site.fake.callsOf('CreateFleet')).map(({ attempt }) => attempt);
    expect(attempts.length).toBeGreaterThan(1);
    expect(new Set(attempts)).toEqual(new Set([1]));
  });
});

describe('5.7: other calls are repeated by the SDK, aws.retry_max_attempts times in all', () => {
  it.each([
    ['DescribeInstances', (cloud: Ec2Cloud) => cloud.instances({ by: 'cluster', cluster: 'hpc1' })],
    ['TerminateInstances', (cloud: Ec2Cloud) => cloud.terminate(['i-0123456789abcdef0'])],
    ['CreateTags', (cloud: Ec2Cloud) => cloud.tag(['i-0123456789abcdef0'], { Name: 'n' })],
  ] as const)('%s', async (action, call) => {
    const site = await startSite({ faults: [{ id: 'busy', match: { action }, do: THROTTLED }] });
    for (const attempts of [1, 3]) {
      const before = (await site.fake.callsOf(action)).length;
      const aws = { ...site.settings.aws, retry_max_attempts: attempts };
      const cloud = new Ec2Cloud({ ...site.settings, aws });
      await Promise.allSettled([call(cloud)]);
      const calls = (await site.fake.callsOf(action)).slice(before);
      expect(calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3].slice(0, attempts));
    }
  });
});
