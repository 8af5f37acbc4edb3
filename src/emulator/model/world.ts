import type { NodeConf } from '../conf/node-lines.ts';
import type { SlurmConf } from '../conf/slurm-conf.ts';
import type { Settings } from '../store/settings.ts';
import type { Job } from './job.ts';
import type { Node } from './node.ts';
import type { Run } from './run-picture.ts';

/** What of a node is taken by jobs. */
export interface Usage {
  cpuIds: readonly number[];
  mem: number;
  gpus: number;
  jobs: number;
}

export type ProgramKind = 'prolog' | 'epilog' | 'resume-fail' | 'suspend' | 'resume';

/** A program that slurmctld owes; nodes for all but the epilog, which has its environment instead. */
export interface DueProgram {
  readonly id: number;
  readonly kind: ProgramKind;
  readonly dueUs: number;
  readonly nodes: readonly string[];
  readonly jobId: number | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Put off by a fault: its nodes are already marked. */
  readonly isLate?: boolean;
}

export interface NodeEvent {
  readonly id: number;
  readonly atUs: number;
  readonly kind: 'boot' | 'kill';
  readonly node: string;
}

/** One line of the tick's journal. */
export type Happening = Readonly<Record<string, string | number | readonly string[]>>;

/** All that slurmctld holds in memory, loaded for one transaction; `changed` and `new…` go back to disk. */
export interface World {
  readonly conf: SlurmConf;
  readonly settings: Settings;
  /** The instant that is being played. */
  atUs: number;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly jobs: Map<number, Job>;
  readonly partitionStates: Map<string, string>;
  readonly usage: Map<string, Usage>;
  readonly events: NodeEvent[];
  readonly due: DueProgram[];
  readonly counters: Counters;
  readonly changedNodes: Set<Node>;
  readonly changedJobs: Set<Job>;
  /** Pictures of runs for slurmdbd, by run id. */
  readonly told: Map<number, Run>;
  readonly happenings: Happening[];
  /** Something may have become startable. */
  mayStart: boolean;
}

export interface Counters {
  jobId: number;
  priority: number;
  runId: number;
  dueId: number;
}

export function confOf(world: World, node: Node): NodeConf {
  const conf = world.conf.nodes.get(node.name);
  if (conf === undefined) {
    throw new Error(`node ${node.name} is no longer in slurm.conf`);
  }
  return conf;
}

export function usageOf(world: World, name: string): Usage {
  const usage = world.usage.get(name) ?? { cpuIds: [], mem: 0, gpus: 0, jobs: 0 };
  world.usage.set(name, usage);
  return usage;
}

export function occupy(world: World, job: Job): void {
  for (const [name, share] of Object.entries(job.shares)) {
    const usage = usageOf(world, name);
    usage.cpuIds = [...usage.cpuIds, ...share.cpuIds];
    usage.mem += share.mem;
    usage.gpus += share.gpus;
    usage.jobs += 1;
  }
}

export function vacate(world: World, job: Job): void {
  for (const [name, share] of Object.entries(job.shares)) {
    const usage = usageOf(world, name);
    usage.cpuIds = usage.cpuIds.filter((id) => !share.cpuIds.includes(id));
    usage.mem -= share.mem;
    usage.gpus -= share.gpus;
    usage.jobs -= 1;
  }
}

export function runningOn(world: World, name: string): readonly Job[] {
  return [...world.jobs.values()].filter(
    (job) => job.state === 'RUNNING' && Object.hasOwn(job.shares, name),
  );
}

/** A component's whole het job, or the job alone. */
export function hetMembers(world: World, job: Job): readonly Job[] {
  const { het } = job;
  return het === undefined
    ? [job]
    : [...world.jobs.values()].filter((other) => other.het?.jobId === het.jobId);
}

/** Every record of an array, or of a het job by its leader's id, or the job alone; by SLURM's own rule. */
export function jobsOfId(world: World, id: number): readonly Job[] {
  return [...world.jobs.values()].filter(
    (job) => job.id === id || job.array?.jobId === id || job.het?.jobId === id,
  );
}

export function happened(world: World, event: string, facts: Happening = {}): void {
  world.happenings.push({ event, ...facts });
}

/** Asks for a program; what is asked for at one instant becomes one call for all nodes. */
export function owe(
  world: World,
  kind: ProgramKind,
  dueUs: number,
  what: Partial<Pick<DueProgram, 'nodes' | 'jobId' | 'env'>>,
): void {
  const index = world.due.findIndex(
    (due) => due.kind === kind && due.dueUs === dueUs && what.jobId === undefined,
  );
  const before = world.due[index];
  const due: DueProgram = {
    id: before?.id ?? world.counters.dueId++,
    kind,
    dueUs,
    nodes: [...new Set([...(before?.nodes ?? []), ...(what.nodes ?? [])])],
    jobId: what.jobId,
    env: what.env ?? {},
  };
  world.due.splice(
    before === undefined ? world.due.length : index,
    before === undefined ? 0 : 1,
    due,
  );
}
