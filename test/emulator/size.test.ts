import { expect, it } from 'vitest';
import { NOTE, open } from './ask.ts';
import { succeed } from './site.ts';

/** 1: as many as npm test can afford; 50: 10,000 jobs on 1,000 nodes (emulator.md 6). */
const SCALE = Number(process.env['ASBB_TEST_SCALE'] ?? 1);
const JOBS = 200 * SCALE;
const NODES = 20 * SCALE;

it(`keeps ${JOBS} jobs on ${NODES} nodes apart`, { timeout: 120_000 * SCALE }, async () => {
  const site = await open({
    conf: `ClusterName=big
ResumeRate=0
SuspendTime=60
PrivateData=cloud
NodeName=n[1-${NODES}] CPUs=4 RealMemory=8000 State=CLOUD
PartitionName=big Nodes=n[1-${NODES}] Default=YES OverSubscribe=EXCLUSIVE
`,
    programs: { ResumeProgram: NOTE.ResumeProgram },
    settings: { start_tick: '0', resume_delay: '0' },
  });
  for (let job = 0; job < JOBS; job += 1) {
    await succeed(site.slurm('sbatch -N1 -t 10 --wrap sleep\u00a0100'));
  }
  await site.tick();
  const queue = (await site.slurm('squeue -h -r -t all -o %A|%T|%N')).stdout.trim().split('\n');
  expect(queue).toHaveLength(JOBS);
  const busy = queue.filter((line) => line.includes('CONFIGURING'));
  expect(new Set(busy.map((line) => line.split('|')[2])).size).toBe(NODES);
  expect(site.calls()).toBe(`resume n[1-${NODES}]\n`);
  const nodes = (await site.slurm('scontrol show node -o')).stdout.trim().split('\n');
  expect(
    nodes.filter((line) => line.includes('State=ALLOCATED+CLOUD+NOT_RESPONDING+POWERING_UP')),
  ).toHaveLength(NODES);
  const reasons = queue.length - busy.length;
  const waiting = (await site.slurm('squeue -h -t PD -o %r')).stdout.trim().split('\n');
  expect(waiting.filter((reason) => reason === 'Resources')).toHaveLength(1);
  expect(waiting.filter((reason) => reason === 'Priority')).toHaveLength(reasons - 1);
});
