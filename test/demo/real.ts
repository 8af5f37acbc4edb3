import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, startLab } from '../support/lab.ts';
import { eventually } from '../support/programs.ts';
import type { Capacity, Day } from './day.ts';
import type { Stage } from './play.ts';

const MAINTAIN_EVERY_MS = 5000;
/** A batch script starts up to 30 s after its nodes registered, and a time limit is checked each 30 s. */
const JOB_MS = 240_000;
const SETTLE_MS = 180_000;

export interface Real extends Stage {
  readonly lab: Lab;
  stop(): Promise<void>;
}

/** Cron's part: `asbb maintain`, again and again, until told to stop. */
export function maintainer(lab: Lab): { stop(): Promise<void> } {
  let isOver = false;
  async function loop(): Promise<void> {
    while (!isOver) {
      await lab.asbb('maintain');
      await new Promise((resolve) => setTimeout(resolve, MAINTAIN_EVERY_MS));
    }
  }
  const running = loop();
  return {
    stop: async () => {
      isOver = true;
      await running;
    },
  };
}

async function jobState(lab: Lab, jobId: string): Promise<string> {
  const words = ['sacct', '-X', '-n', '-P', '-j', jobId, '-o', 'State'];
  const { stdout } = await lab.as('root', words);
  return stdout.trim().split('\n').at(-1) ?? '';
}

export async function realStage(executable: string, day: Day): Promise<Real> {
  // The cancelled job is gone before cron ever saw it: its hold runs out, here within the demo.
  const lab = await startLab({ executable, unboundHoldTtl: '30s' });
  for (const [name, text] of Object.entries(day.scripts)) {
    writeFileSync(join(lab.jobs, name), text, { mode: 0o755 });
  }
  const cron = maintainer(lab);
  return {
    title: 'a real SLURM',
    lab,
    until: () => Promise.resolve(),
    run: (as, [name = '', ...args]) =>
      name === 'asbb'
        ? lab.asbb(...args)
        : lab.as(as === 'operator' ? 'root' : as, [name, ...args]),
    capacity: async (change: Capacity) => {
      await lab.fake.post('/capacity', change);
    },
    fault: ({ job }) => Promise.resolve(lab.loseEpilog(job)),
    expectState: async (jobId, state) => {
      let last = '';
      await eventually(
        () => `job ${jobId} is "${last}", not ${state}`,
        async () => {
          last = await jobState(lab, jobId);
          return last.split(' ')[0] === state ? last : undefined;
        },
        { withinMs: JOB_MS, everyMs: 1000 },
      );
    },
    settle: async () => {
      await eventually(
        () => 'all nodes powered down, all holds settled',
        async () => ((await isSettled(lab)) ? true : undefined),
        { withinMs: SETTLE_MS, everyMs: 2000 },
      );
      await cron.stop();
    },
    stop: async () => {
      await cron.stop();
      await lab.stop(true);
    },
  };
}

interface CloudState {
  readonly instances: readonly { readonly state: string }[];
}

/** No instance lives and no account has anything held. */
export async function isSettled(lab: Lab): Promise<boolean> {
  const { instances } = (await lab.fake.get('/state')) as CloudState; // fake-ec2.md 10
  if (!instances.every((instance) => instance.state === 'terminated')) {
    return false;
  }
  const { stdout } = await lab.asbb('account', 'list', '--json');
  return JSON.parse(stdout).every((account: { budget_held: number }) => account.budget_held === 0);
}
