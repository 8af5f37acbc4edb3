import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareBooks } from '../support/books.ts';
import type { Lab } from '../support/lab.ts';
import { eventually, untilHeard } from '../support/programs.ts';
import { ATTEMPT_TAG, type Cluster, END_MS, JOB_TAG, START_MS } from './cluster.ts';

// What befalls gangs and spot nodes, on a real SLURM (burst.md 5, 9.4, 9.5).

const SPOT = { type: 'c5.xlarge', market: 'spot' };
const ON_DEMAND_NODES = ['-p', 'aws', '-C', 'od', '-t', '10'];
const SPOT_NODES = ['-p', 'aws', '-C', 'spot', '-t', '10', '--requeue'];
const MANY = 200;
/** These have a slurmd, which tells SLURM another address of this machine. */
const BOOTED = 9;

/** Told by its signal, it asks to be run again; the second run finds the checkpoint and ends well. */
const CHECKPOINTS = [
  'test -n "$SLURM_RESTART_COUNT" && exec test -e "checkpoint-$SLURM_JOB_ID"',
  `trap 'touch "checkpoint-$SLURM_JOB_ID"; scontrol requeue "$SLURM_JOB_ID"; wait' USR1`,
  'touch "started-$SLURM_JOB_ID"',
  'for i in $(seq 600); do sleep 1 & wait $!; done',
].join('\n');

/** The instance of a job that runs on one spot node. */
async function spotInstance(cluster: Cluster, job: string): Promise<string> {
  await cluster.isRunning(job);
  const [instance] = await cluster.instancesOf(job);
  if (instance?.market !== 'spot') {
    throw new Error(`job ${job} runs on ${instance?.market ?? 'no instance of its own'}`);
  }
  return instance.id;
}

function hasAddress(shown: string, node: string | undefined, ip: string): boolean {
  return shown
    .split('\n')
    .some((line) => line.startsWith(`NodeName=${node} `) && line.includes(` NodeAddr=${ip} `));
}

export function burstsAtOnce(lab: () => Lab, cluster: Cluster, later: (job: string) => void): void {
  const { sbatch, ends, shows } = cluster;

  it('GANG-2: of two jobs in one resume call, the gang with a failing member is given back whole, and runs later', async () => {
    const gate = await sbatch('alice', '-H', '-p', 'static', '--wrap', 'true');
    const after = [...ON_DEMAND_NODES, '-d', `afterok:${gate}`, '--requeue', '--wrap', 'sleep 2'];
    const failing = await sbatch('alice', '-N', '3', ...after);
    const sound = await sbatch('bob', '-A', 'physics', '-N', '2', ...after);
    const where = { [JOB_TAG.key]: 'asbb:job', [JOB_TAG.value]: failing };
    const match = { action: 'CreateFleet', where, max: 1 };
    await lab().fake.post('/faults', [{ id: 'dies', match, do: { launch_fails: 1 } }]);
    await untilHeard(() => lab().as('root', ['scontrol', 'release', gate]));

    await ends(sound, 'COMPLETED');
    await ends(failing, 'COMPLETED');
    await shows(failing, / Restarts=1 /u);
    await shows(sound, / Restarts=0 /u);
    const [first] = await cluster.launchesFor(failing);
    const [other] = await cluster.launchesFor(sound);
    expect(first?.client_pid).toBeDefined();
    expect(first?.client_pid).toBe(other?.client_pid); // one process of ours launched for both
    const instances = await cluster.instancesOf(failing);
    const aborted = instances.filter(({ tags }) => tags['asbb:attempt'] === '1');
    expect(aborted.map(({ state }) => state)).toEqual(['terminated', 'terminated', 'terminated']);
  });

  it('9.4: a job that is told of its interruption saves its work, and runs again elsewhere', async () => {
    const job = await sbatch('alice', ...SPOT_NODES, '--wrap', CHECKPOINTS);
    const instance = await spotInstance(cluster, job);
    await eventually(
      () => `the script of job ${job} does not start`,
      () => Promise.resolve(existsSync(join(lab().jobs, `started-${job}`)) ? true : undefined),
      { withinMs: START_MS },
    );
    await lab().fake.post('/interrupt', { instance, notice_s: 300 });
    await ends(job, 'COMPLETED');
    await shows(job, / Restarts=1 /u);
    await cluster.charged(job, 2);
  });

  it('9.4: a job whose spot instance is taken is requeued', async () => {
    const job = await sbatch('alice', ...SPOT_NODES, '--wrap', 'sleep 20');
    const instance = await spotInstance(cluster, job);
    await lab().fake.post('/interrupt', { instance, notice_s: 0 });
    await shows(job, /JobState=PENDING.* Restarts=1 /u);
    later(job); // as with every instance that dies: slurmctld has to be restarted first
  });
}

export function burstsInWant(lab: () => Lab, cluster: Cluster): void {
  const { sbatch, ends, shows } = cluster;

  it('5.4: a spot gang that meets no capacity falls back to on-demand nodes', async () => {
    await cluster.areFree(/^aws-spot-/u); // no node of an earlier job is taken over
    await lab().fake.post('/capacity', { ...SPOT, set: 0 });
    const job = await sbatch('alice', '-N', '2', ...SPOT_NODES, '--wrap', 'sleep 2');
    await ends(job, 'COMPLETED');
    await cluster.charged(job, 1);
    await lab().fake.post('/capacity', { ...SPOT, set: 50 });
    const asked = (await cluster.launchesFor(job)).map(
      ({ params }) => params?.['TargetCapacitySpecification.DefaultTargetCapacityType'],
    );
    expect(asked.at(0)).toBe('spot');
    expect(asked.at(-1)).toBe('on-demand');
    expect((await cluster.instancesOf(job)).map(({ market }) => market)).toEqual([
      'on-demand',
      'on-demand',
    ]);
  });

  it('5.1: 200 nodes come by one launch call, and go as one gang when one of them dies', async () => {
    const nodes = ['-p', 'aws', '-C', 'hpc', '-N', String(MANY), '-t', '10'];
    const job = await sbatch('alice', ...nodes, '--wrap', 'true');
    const lost = await eventually(
      () => `job ${job} has not ${MANY} nodes that SLURM can reach`,
      async () => {
        const all = await cluster.instancesOf(job);
        const { stdout } = await lab().as('root', ['scontrol', 'show', 'node', '-o']);
        const bound = all.filter(({ tags, ip }) => hasAddress(stdout, tags['SlurmNode'], ip));
        return bound.length >= MANY - BOOTED
          ? bound.find(({ tags }) => tags['SlurmNode'] === 'aws-hpc-150')
          : undefined;
      },
      { withinMs: START_MS, everyMs: 1000 },
    );
    await lab().fake.post('/external', { terminate: lost.id });
    await shows(job, / Restarts=[1-9]/u);
    const launches = await cluster.launchesFor(job);
    const firsts = launches.filter(({ params }) => params?.[ATTEMPT_TAG.value] === '1');
    expect(firsts.length).toBe(1);
    await untilHeard(() => lab().as('alice', ['scancel', job]));
    await shows(job, /JobState=CANCELLED/u); // sacct keeps no record of a run that never began
    await cluster.areFree(/^aws-hpc-/u);
    await eventually(
      () => `instances of job ${job} run on`,
      async () =>
        (await cluster.instancesOf(job)).every(({ state }) => state === 'terminated')
          ? true
          : undefined,
      { withinMs: END_MS, everyMs: 1000 },
    );
    await eventually(
      () => `job ${job} is not charged what its nodes cost`,
      async () => {
        const { jobs } = await compareBooks(lab().fake, lab().asbb);
        const own = jobs.find((row) => row.job === job);
        return own !== undefined && own.billed > 0 && own.charged === own.billed ? true : undefined;
      },
      { withinMs: END_MS, everyMs: 2000 },
    );
  });
}
