import { compressNodelist, expandNodelist } from '../../../src/core/slurm/nodelist.ts';
import type { Call, Stage } from './stage.ts';

/** A list of commands and what to wait for between them; what it notes must be equal on both twins. */
export interface Sequence {
  readonly name: string;
  /** Cloud nodes of its own, and how many of them are up when it begins. */
  readonly nodes: number;
  readonly awake?: number;
  play(on: Player): Promise<void>;
}

/** How a sequence speaks to its stage. Nodes are numbered from 1, jobs are named by their place. */
export interface Player {
  /** `@1`, `@[1-2]` in a command stand for its nodes, `J1` for its jobs. */
  sbatch(options: string, user?: string): Promise<number>;
  cmd(line: string, user?: string): Promise<void>;
  job(place: string, state: string, reason?: string): Promise<void>;
  node(place: number, state: string): Promise<void>;
  boot(place: number): Promise<void>;
  kill(place: number): Promise<void>;
  onResume(place: number, deed: 'nothing' | 'force'): void;
}

const TIMES = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/g;
const PLACE = /@(\d+|\[[0-9,-]+\])/g;
const JOB = /\bJ(\d+)/g;
/** FirstJobId of both twins, so that no other number looks like one. */
export const FIRST_JOB_ID = 700_001;
const JOB_ID = /(?<!\d)70\d{4}(?!\d)/g;
/** What depends on which of two processes was faster, or on the jobs of other sequences. */
const CHANCE: readonly (readonly [RegExp, string])[] = [
  [/ExitCode=143:0/g, 'ExitCode=0:15'],
  [/Reason=(?:None|Priority|Resources)\b/g, 'Reason=*'],
  // Whether slurmdbd heard of the array before or after it lost a task.
  [/_\[[0-9,%-]+\]\|/g, '_[*]|'],
  [/ExcNodeList=\S+/g, 'ExcNodeList=*'],
  [/SchedNodeList=\S+ /g, ''],
  [/slurm_update error: (?:No error|Resource temporarily unavailable)/g, 'slurm_update error: *'],
];
/** Times, counters of slurmctld and the scheduler's forecasts are its own. */
const OWN_FIELDS =
  /\b(Priority|RunTime|LastSchedEval|Scheduler|AllocNode:Sid|AccrueTime|EligibleTime|StartTime|EndTime|SubmitTime|WorkDir|StdErr|StdOut|SecsPreSuspend)=\S*/g;

export interface Played {
  readonly name: string;
  /** Asks for what is left of its jobs, once slurmdbd has heard of it; all that was noted. */
  readonly conclude: () => Promise<readonly string[]>;
}

export async function playOn(stage: Stage, sequence: Sequence, first: number): Promise<Played> {
  const notes: string[] = [];
  const jobs: number[] = [];
  const nodes = Array.from({ length: sequence.nodes }, (_, index) => `cloud-${first + index}`);

  function told(text: string): string {
    return text
      .replaceAll(PLACE, (_, place: string) => nodesNamed(nodes, place))
      .replaceAll(JOB, (_, place: string) => `${jobs[Number(place) - 1] ?? 999_999}`);
  }
  function plain(text: string): string {
    const certain = CHANCE.reduce((left, [from, to]) => left.replaceAll(from, to), text);
    return certain
      .replaceAll(TIMES, 'T')
      .replaceAll(OWN_FIELDS, '$1=*')
      .replaceAll(JOB_ID, (id) => `J${jobs.indexOf(Number(id)) + 1 || '?'}`);
  }
  async function cmd(line: string, user = 'root'): Promise<string> {
    const { code, stdout, stderr } = await stage.run(words(told(line)), user);
    const lines = plain(stdout).split('\n').toSorted().join('\n'); // records of one job come in any order
    notes.push(`${user}$ ${plain(line)}${lines}\n${plain(stderr)}(${code})`);
    return stdout;
  }

  await sequence.play({
    sbatch: async (options, user = 'alice') => {
      const { code, stdout, stderr } = await stage.run(
        ['sbatch', '--parsable', ...words(told(options))],
        user,
      );
      jobs.push(Number(stdout));
      notes.push(plain(`${user}$ sbatch ${options}\n${stderr}(${code})`));
      return Number(stdout);
    },
    cmd: async (line, user) => {
      await cmd(line, user);
    },
    job: async (place, state, reason) => {
      const key = told(place);
      await stage.until(
        `${sequence.name}: job ${place} (${key}) is ${state} ${reason ?? ''}`,
        (now) => {
          const job = now.jobs.get(key);
          return job?.state === state && (reason === undefined || job.reason === reason);
        },
      );
      notes.push(`${place} ${state} ${reason ?? ''}`);
    },
    node: async (place, state) => {
      const name = nodes[place - 1] ?? '';
      await stage.until(
        `${sequence.name}: ${name} is ${state}`,
        (now) => now.nodes.get(name) === state,
      );
      notes.push(`N${place} ${state}`);
    },
    boot: (place) => stage.boot(nodes[place - 1] ?? ''),
    kill: (place) => stage.kill(nodes[place - 1] ?? ''),
    onResume: (place, deed) => stage.onResume(nodes[place - 1] ?? '', deed),
  });
  return {
    name: sequence.name,
    conclude: async () => {
      for (const id of jobs) {
        await cmd(`scontrol show job -d -o ${id}`);
        await cmd(`sacct -X -D -n -P --noconvert -j ${id} -o ${FIELDS}`);
      }
      return [...notes, ...callNotes(await stage.calls(), jobs, nodes).map(plain)];
    },
  };
}

const FIELDS =
  'JobID,Account,User,Partition,State,ExitCode,NNodes,NCPUS,NodeList,AllocTRES,TimelimitRaw,AdminComment';

function words(line: string): readonly string[] {
  return (line.match(/(?:[^\s']|'[^']*')+/g) ?? []).map((word) => word.replaceAll("'", ''));
}

function nodesNamed(nodes: readonly string[], place: string): string {
  const names = expandNodelist(`n${place}`);
  const found = Array.isArray(names)
    ? names.map((name) => nodes[Number(name.slice(1)) - 1] ?? '?')
    : [];
  return compressNodelist(found);
}

/** Epilogs by job; of the others, which call our nodes were in, and with which environment. */
function callNotes(
  calls: readonly Call[],
  jobs: readonly number[],
  nodes: readonly string[],
): readonly string[] {
  const epilogs = calls
    .filter(({ kind, env }) => kind === 'epilog' && jobs.includes(Number(env['SLURM_JOB_ID'])))
    .map(({ env }) => `epilog ${JSON.stringify(sortedEnv(env))}`)
    .toSorted();
  const others = nodes.map((node) => {
    const mine = calls.filter(
      ({ kind, args }) => kind !== 'epilog' && names(args[0]).includes(node),
    );
    return `${node}: ${mine.map(({ kind, env }) => `${kind} ${Object.keys(env).toSorted().join(',')}`).join(' | ')}`;
  });
  const files = calls.flatMap(
    ({ resumeFile }) =>
      resumeFile === ''
        ? []
        : (JSON.parse(resumeFile) as { jobs: { job_id: number; nodes: string }[] }).jobs, // as SLURM 22.05 writes it
  );
  const resumed = files
    .filter(({ job_id: id }) => jobs.includes(id))
    .map((job) => JSON.stringify(job));
  return [...epilogs, ...others, ...resumed.toSorted()];
}

function names(list: string | undefined): readonly string[] {
  const expanded = expandNodelist(list ?? '');
  return Array.isArray(expanded) ? expanded : [];
}

function sortedEnv(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const own = Object.entries(env)
    .filter(([key]) => key.startsWith('SLURM_'))
    .map(([key, value]): [string, string] => [key, key === 'SLURM_JOB_WORK_DIR' ? '*' : value]);
  return Object.fromEntries(own.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
