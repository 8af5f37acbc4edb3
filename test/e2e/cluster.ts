import type { Lab } from '../support/lab.ts';
import { eventually, untilHeard } from '../support/programs.ts';

export const START_MS = 240_000; // boot, and up to 30 s until slurmctld looks at its nodes again
export const END_MS = 400_000;

interface Transaction {
  readonly type: string;
  readonly status: string;
  readonly job_id?: string;
  readonly amount: number;
}

interface Request {
  readonly kind: string;
  readonly action?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly client_pid?: number;
}

interface Instance {
  readonly id: string;
  readonly state: string;
  readonly market: string;
  readonly ip: string;
  readonly node: string;
  readonly end_cause: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What the tests ask of the cluster, its users and its books; all of them wait with patience. */
export interface Cluster {
  sbatch(user: string, ...words: readonly string[]): Promise<string>;
  showJob(jobId: string): Promise<string>;
  /** The state that every run, or task, of the job comes to in the end; the last run counts. */
  ends(jobId: string, state: string, count?: number): Promise<void>;
  /** Until `scontrol show job` says so. */
  shows(jobId: string, pattern: RegExp): Promise<void>;
  isRunning(jobId: string): Promise<void>;
  chargesOf(jobId: string): Promise<readonly Transaction[]>;
  charged(jobId: string, count: number): Promise<void>;
  callsOf(action: string): Promise<number>;
  /** The launch calls whose instances were to bear the tag of the job. */
  launchesFor(jobId: string): Promise<readonly Request[]>;
  /** All that ever were launched for the job. */
  instancesOf(jobId: string): Promise<readonly Instance[]>;
  /** Until these nodes of SLURM are off and free. */
  areFree(nodes: RegExp): Promise<void>;
}

const NOT_YET = undefined;

export function clusterOf(lab: () => Lab): Cluster {
  async function showJob(jobId: string): Promise<string> {
    return (await lab().as('root', ['scontrol', 'show', 'job', '-o', jobId])).stdout;
  }
  async function shows(jobId: string, pattern: RegExp): Promise<void> {
    let seen = '';
    await eventually(
      () => `job ${jobId} does not show ${pattern}: ${seen}`,
      async () => {
        seen = await showJob(jobId);
        return pattern.test(seen) ? true : NOT_YET;
      },
      { withinMs: START_MS, everyMs: 500 },
    );
  }
  async function chargesOf(jobId: string): Promise<readonly Transaction[]> {
    const { stdout } = await lab().asbb(
      ...['transactions', 'list', '--limit', '10000', '--type', 'charge', '--json'],
    );
    const all: readonly Transaction[] = JSON.parse(stdout);
    return all.filter((row) => row.job_id === jobId || row.job_id?.startsWith(`${jobId}_`));
  }
  async function requests(action: string): Promise<readonly Request[]> {
    const journal = (await lab().fake.get('/journal')) as readonly Request[]; // fake-ec2.md 10
    return journal.filter((row) => row.kind === 'request' && row.action === action);
  }
  return {
    showJob,
    shows,
    chargesOf,
    isRunning: (jobId) => shows(jobId, /\bJobState=RUNNING\b/u),
    sbatch: async (user, ...words) => {
      const asked = await untilHeard(() => lab().as(user, ['sbatch', '--parsable', ...words]));
      if (asked.code !== 0) {
        throw new Error(`sbatch ${words.join(' ')}: ${asked.stderr}`);
      }
      return asked.stdout.trim();
    },
    ends: async (jobId, state, count = 1) => {
      let seen: readonly string[] = [];
      const words = ['sacct', '-X', '-D', '-n', '-P', '-j', jobId, '-o', 'State'];
      await eventually(
        () => `job ${jobId} is ${seen.join()}, not ${state}`,
        async () => {
          const { stdout } = await lab().as('root', words);
          seen = stdout
            .trim()
            .split('\n')
            .map((line) => line.split(' ')[0] ?? '');
          return seen.filter((each) => each === state).length >= count ? true : NOT_YET;
        },
        { withinMs: END_MS, everyMs: 1000 },
      );
    },
    charged: async (jobId, count) => {
      await eventually(
        () => `job ${jobId} has not ${count} charges`,
        async () => ((await chargesOf(jobId)).length === count ? true : NOT_YET),
        { withinMs: END_MS, everyMs: 2000 },
      );
    },
    callsOf: async (action) => (await requests(action)).length,
    launchesFor: async (jobId) =>
      (await requests('CreateFleet')).filter(
        ({ params }) => params?.[JOB_TAG.key] === 'asbb:job' && params[JOB_TAG.value] === jobId,
      ),
    instancesOf: async (jobId) => {
      const { instances } = (await lab().fake.get('/state')) as { instances: readonly Instance[] };
      return instances.filter(({ tags }) => tags['asbb:job'] === jobId);
    },
    areFree: async (nodes) => {
      let busy: readonly string[] = [];
      await eventually(
        () => `nodes are not free: ${busy.join(', ')}`,
        async () => {
          const { stdout } = await lab().as('root', ['sinfo', '-h', '-N', '-o', '%N %t']);
          const ours = stdout.split('\n').filter((line) => nodes.test(line));
          busy = ours.filter((line) => !line.trimEnd().endsWith(' idle~'));
          return ours.length > 0 && busy.length === 0 ? true : NOT_YET;
        },
        { withinMs: END_MS, everyMs: 1000 },
      );
    },
  };
}

const TAG = 'TagSpecification.1.Tag';
/** Where a launch call names its job and attempt (burst.md 5.5). */
export const JOB_TAG = { key: `${TAG}.5.Key`, value: `${TAG}.5.Value` } as const;
export const ATTEMPT_TAG = { key: `${TAG}.4.Key`, value: `${TAG}.4.Value` } as const;
