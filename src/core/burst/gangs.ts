import type { ResumeJob } from '../slurm/resume-file.ts';

/** A job of this resume call, with what `scontrol show job` says of it. */
export interface ResumedJob {
  readonly jobId: number;
  readonly arrayJobId: number | undefined;
  readonly hetJobId: number | undefined;
  /** Nodes to resume that this job owns: a node named by several jobs belongs to the lowest id. */
  readonly nodes: readonly string[];
  /** Every node of the job, those already up included. */
  readonly allocated: readonly string[];
}

/** `all`: all members or none (burst.md 5.3). `best-effort`: what comes is used, the rest given back. */
export interface Gang {
  readonly rule: 'all' | 'best-effort';
  readonly jobs: readonly ResumedJob[];
  /** To resume, in the order of the call. */
  readonly nodes: readonly string[];
}

export interface JobFacts {
  readonly jobId: number;
  readonly arrayJobId?: number | undefined;
  readonly hetJobId?: number | undefined;
  /** NodeList of the job; empty when SLURM did not say. */
  readonly allocated: readonly string[];
}

/**
 * Jobs that must stand or fall together: components of a heterogeneous job (GANG-8) and jobs that
 * share a node (GANG-9). One-node tasks of one array on one node group are one best-effort launch
 * (GANG-1); a one-node job of its own stands alone.
 */
export function gangsOf(
  jobs: readonly ResumeJob[],
  facts: ReadonlyMap<number, JobFacts>,
  groupOf: (node: string) => string,
): readonly Gang[] {
  const sorted = jobs.toSorted((a, b) => a.jobId - b.jobId);
  const owners = ownersOf(sorted);
  const resumed = sorted.map((job) => resumedJob(job, facts.get(job.jobId), owners));
  const gangs = unite(resumed, sorted).map((members) => gang(members));
  return batchArrays(gangs, groupOf);
}

function ownersOf(sorted: readonly ResumeJob[]): ReadonlyMap<string, number> {
  const owners = new Map<string, number>();
  for (const { jobId, nodes } of sorted) {
    for (const node of nodes) {
      if (!owners.has(node)) {
        owners.set(node, jobId);
      }
    }
  }
  return owners;
}

function resumedJob(
  job: ResumeJob,
  facts: JobFacts | undefined,
  owners: ReadonlyMap<string, number>,
): ResumedJob {
  const known = new Set([...job.allocated, ...(facts?.allocated ?? [])]);
  return {
    jobId: job.jobId,
    arrayJobId: facts?.arrayJobId,
    hetJobId: facts?.hetJobId,
    nodes: job.nodes.filter((node) => owners.get(node) === job.jobId),
    allocated: [...known],
  };
}

/** Connected sets: same het job, or a node in common. */
function unite(
  resumed: readonly ResumedJob[],
  named: readonly ResumeJob[],
): readonly (readonly ResumedJob[])[] {
  const links = new Map<string, number[]>();
  for (const [at, job] of resumed.entries()) {
    const names = named[at]?.nodes ?? [];
    const het = job.hetJobId === undefined ? [] : [`het ${job.hetJobId}`];
    for (const name of [...names, ...het]) {
      links.set(name, [...(links.get(name) ?? []), at]);
    }
  }
  const leader = resumed.map((_, at) => at);
  for (const members of links.values()) {
    const first = findLeader(leader, members[0] ?? 0);
    for (const member of members) {
      leader[findLeader(leader, member)] = first;
    }
  }
  const placed = resumed.map((job, at) => ({ job, leader: findLeader(leader, at) }));
  return [...Map.groupBy(placed, (each) => each.leader).values()].map((members) =>
    members.map(({ job }) => job),
  );
}

function findLeader(leader: readonly number[], at: number): number {
  let found = at;
  while ((leader[found] ?? found) !== found) {
    found = leader[found] ?? found;
  }
  return found;
}

function gang(jobs: readonly ResumedJob[]): Gang {
  const nodes = jobs.flatMap((job) => job.nodes);
  const isGang =
    nodes.length > 1 || jobs.length > 1 || jobs.some((job) => job.allocated.length > 1);
  return { rule: isGang ? 'all' : 'best-effort', jobs, nodes };
}

function batchArrays(gangs: readonly Gang[], groupOf: (node: string) => string): readonly Gang[] {
  const alone = gangs.filter(({ rule }) => rule === 'best-effort');
  const batches = Map.groupBy(alone, ({ jobs: [job], nodes: [node = ''] }) =>
    job?.arrayJobId === undefined
      ? `job ${job?.jobId}`
      : `array ${job.arrayJobId} ${groupOf(node)}`,
  );
  return [
    ...gangs.filter(({ rule }) => rule === 'all'),
    ...[...batches.values()].map((tasks) => ({
      rule: 'best-effort' as const,
      jobs: tasks.flatMap(({ jobs }) => jobs),
      nodes: tasks.flatMap(({ nodes }) => nodes),
    })),
  ];
}
