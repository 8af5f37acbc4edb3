import type { PartitionConf } from '../conf/node-lines.ts';
import type { SlurmConf } from '../conf/slurm-conf.ts';
import type { Job } from '../model/job.ts';
import { partitionState } from '../model/limits.ts';
import { cpusPerTask, memoryOn, taskCount } from '../model/needs.ts';
import type { World } from '../model/world.ts';

/** What SLURM says for its own return codes (sample/job-submit-commands.txt and measured). */
export const MESSAGES: Readonly<Record<string, string>> = {
  ERROR: 'Unspecified error',
  ESLURM_ACCOUNTING_POLICY:
    "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
  ESLURM_INVALID_ACCOUNT: 'Invalid account or account/partition combination specified',
  ESLURM_INVALID_TIME_LIMIT: 'Requested time limit is invalid (missing or exceeds some limit)',
  ESLURM_INVALID_NODE_COUNT: 'Node count specification invalid',
  ESLURM_INVALID_PARTITION_NAME: 'Invalid partition name specified',
  ESLURM_PARTITION_NOT_AVAIL: 'Required partition not available (inactive or drain)',
  ESLURM_INVALID_FEATURE: 'Invalid feature specification',
  ESLURM_INVALID_NODE_NAME: 'Invalid node name specified',
  ESLURM_NOT_AVAILABLE: 'Requested node configuration is not available',
  ESLURM_INVALID_ARRAY: 'Invalid job array specification',
};

/** A submission that SLURM itself refuses: its code, and lines shown before its sentence. */
export interface Refusal {
  readonly code: string;
  readonly before: readonly string[];
}

function refusal(code: string, ...before: readonly string[]): Refusal {
  return { code, before };
}

/** SLURM's own checks, made only after job_submit has agreed. */
export function admit(world: World, job: Job, isTest: boolean): Refusal | undefined {
  const { conf } = world;
  const { spec } = job;
  const unknown = spec.partitions.find((name) => !conf.partitions.has(name));
  if (unknown !== undefined) {
    return refusal('ESLURM_INVALID_PARTITION_NAME', `invalid partition specified: ${unknown}`);
  }
  if (!mayUse(conf, spec.user, spec.account)) {
    return refusal('ESLURM_INVALID_ACCOUNT');
  }
  if (spec.partitions.some((name) => ['INACTIVE', 'DRAIN'].includes(partitionState(world, name)))) {
    return refusal('ESLURM_PARTITION_NOT_AVAIL');
  }
  return admitNodes(world, job, isTest);
}

export function mayUse(conf: SlurmConf, user: string, account: string): boolean {
  return (
    !conf.enforcesAssociations ||
    user === conf.slurmUser ||
    conf.associations.some((each) => each.account === account && each.users.includes(user))
  );
}

/** As slurmdbd has it: the account of the first line that names the user. */
export function defaultAccount(conf: SlurmConf, user: string): string | undefined {
  return conf.associations.find((each) => each.users.includes(user))?.account;
}

function admitNodes(world: World, job: Job, isTest: boolean): Refusal | undefined {
  const { conf } = world;
  const { spec } = job;
  if (spec.reqNodes.some((name) => !conf.nodes.has(name))) {
    return refusal('ESLURM_INVALID_NODE_NAME');
  }
  const allFeatures = new Set([...conf.nodes.values()].flatMap((node) => node.features));
  if (!spec.features.every((feature) => allFeatures.has(feature))) {
    return refusal('ESLURM_INVALID_FEATURE');
  }
  const partitions = spec.partitions.flatMap((name) => conf.partitions.get(name) ?? []);
  const reasons = partitions.map((partition) => whyNever(world, job, partition, isTest));
  return reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
}

/** No set of this partition's nodes could ever carry the job. */
function whyNever(
  world: World,
  job: Job,
  partition: PartitionConf,
  isTest: boolean,
): Refusal | undefined {
  const { spec } = job;
  const each = cpusPerTask(spec);
  const perNode = each * (spec.tasksPerNode ?? 1);
  const nodes = partition.nodes.flatMap((name) => world.conf.nodes.get(name) ?? []);
  const wide = nodes.filter((node) => node.cpus >= perNode);
  if (wide.length === 0) {
    return refusal('ESLURM_NOT_AVAILABLE', 'CPU count per node can not be satisfied');
  }
  const roomy = wide.filter((node) => memoryOn(world, job, node, perNode) <= node.realMemory);
  if (roomy.length === 0) {
    return refusal('ESLURM_NOT_AVAILABLE', 'Memory specification can not be satisfied');
  }
  const gpus = spec.gpusPerNode?.count ?? (spec.gpusPerJob === undefined ? 0 : 1);
  const fit = roomy.filter(
    (node) =>
      node.gpus >= gpus && spec.features.every((feature) => node.features.includes(feature)),
  );
  const most = fit
    .map((node) => Math.min(Math.floor(node.cpus / each), spec.tasksPerNode ?? node.cpus))
    .toSorted((a, b) => b - a)
    .slice(0, spec.maxNodes ?? fit.length)
    .reduce((sum, tasks) => sum + tasks, 0);
  // Too many nodes for the partition is no refusal: such a job waits with PartitionNodeLimit.
  const isTooMany = (spec.minNodes ?? 1) > nodes.length;
  const isNever = fit.length === 0 || (isTooMany ? isTest : most < taskCount(spec));
  return isNever ? refusal('ESLURM_NOT_AVAILABLE') : undefined;
}
