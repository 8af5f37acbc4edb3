import type { Limit, PartitionConf } from '../conf/node-lines.ts';
import type { SlurmConf } from '../conf/slurm-conf.ts';
import type { Job } from '../model/job.ts';
import { cpusOf } from '../model/job.ts';
import { timeLimitOf } from '../model/limits.ts';
import { neededCpus } from '../model/needs.ts';
import type { World } from '../model/world.ts';
import { seconds } from '../times.ts';
import type { Gpus } from '../units.ts';
import type { Request } from './shim.ts';
import type { Wish } from './wish.ts';

const NO_VAL = 4_294_967_294;
const INFINITE = 4_294_967_295;
const NO_VAL16 = 65_534;
const TOKEN = /asbb:hold=\S+/;

/** Who asks for what, as slurmctld's job_desc has it. */
export interface Asked {
  readonly uid: number;
  readonly user: string;
  readonly defaultAccount: string | undefined;
  readonly partitions: readonly string[];
  readonly jobName: string;
}

/** Every number or its sentinel (measured: sample/job-submit-job-desc.txt), strings only when set. */
export function submitRequest(
  conf: SlurmConf,
  wish: Wish,
  asked: Asked,
  hetOffset: number | undefined,
): Request {
  return {
    v: 1,
    verb: 'submit',
    uid: asked.uid,
    cluster: conf.clusterName,
    user_id: asked.uid,
    het_job_offset: hetOffset ?? NO_VAL,
    ...sizesOf(wish),
    min_mem_per_cpu: wish.memPerCpu,
    min_mem_per_node: wish.memPerNode,
    shared: wish.isExclusive ? 0 : NO_VAL16,
    begin_time: seconds(wish.beginUs),
    name: asked.jobName,
    account: wish.account,
    default_account: asked.defaultAccount,
    user_name: asked.user,
    partition: asked.partitions.join(','),
    features: wish.features.length === 0 ? undefined : wish.features.join('&'),
    array_inx: wish.array,
    tres_per_job: gresText(wish.gpusPerJob),
    tres_per_node: gresText(wish.gpusPerNode),
    req_nodes: wish.reqNodes.length === 0 ? undefined : wish.reqNodes.join(','),
    qos: wish.qos,
    parts: partsOf(conf, asked.partitions),
  };
}

/** -n, else what -N and --ntasks-per-node make of it when -N is one number. */
function sizesOf(wish: Wish): Request {
  const { minNodes, maxNodes, tasksPerNode = 1, cpusPerTask = NO_VAL16 } = wish;
  const isFixed = minNodes !== undefined && minNodes === maxNodes;
  const tasks = wish.numTasks ?? (isFixed ? minNodes * tasksPerNode : 1);
  return {
    time_limit: limitNumber(wish.timeLimit),
    time_min: NO_VAL,
    min_nodes: minNodes ?? NO_VAL,
    max_nodes: maxNodes ?? NO_VAL,
    min_cpus: tasks * (wish.cpusPerTask ?? 1),
    max_cpus: NO_VAL,
    num_tasks: wish.numTasks ?? NO_VAL,
    ntasks_per_node: wish.tasksPerNode ?? NO_VAL16,
    cpus_per_task: cpusPerTask,
    pn_min_cpus: cpusPerTask,
  };
}

/** The fields that a `scontrol update` sets; the others are sentinels. */
export interface Edit {
  readonly timeLimit?: Limit;
  readonly minNodes?: number;
  readonly maxNodes?: number;
  readonly numTasks?: number;
  readonly account?: string;
  readonly partition?: string;
  readonly features?: string;
  readonly adminComment?: string;
}

export interface Modified {
  readonly world: World;
  readonly job: Job;
  readonly edit: Edit;
  readonly uid: number;
  readonly defaultAccount: string | undefined;
}

export function modifyRequest({ world, job, edit, uid, defaultAccount }: Modified): Request {
  const { conf } = world;
  return {
    v: 1,
    verb: 'modify',
    uid,
    cluster: conf.clusterName,
    user_id: job.spec.uid,
    het_job_offset: 0,
    time_limit: limitNumber(edit.timeLimit),
    time_min: NO_VAL,
    min_nodes: edit.minNodes ?? NO_VAL,
    max_nodes: edit.maxNodes ?? NO_VAL,
    min_cpus: NO_VAL,
    max_cpus: NO_VAL,
    num_tasks: edit.numTasks ?? NO_VAL,
    ntasks_per_node: NO_VAL16,
    cpus_per_task: NO_VAL16,
    pn_min_cpus: NO_VAL16,
    shared: NO_VAL16,
    begin_time: 0,
    account: edit.account,
    default_account: defaultAccount,
    partition: edit.partition,
    features: edit.features,
    admin_comment: edit.adminComment,
    parts: partsOf(conf, (edit.partition ?? job.partition).split(',')),
    job: jobRecord(world, job),
  };
}

/** Only what may change the price makes the shim start a process, or an operator who drops the token. */
export function concernsPrice(job: Job, edit: Edit): boolean {
  const { adminComment, ...priced } = edit;
  const token = TOKEN.exec(job.adminComment)?.[0];
  const dropsToken =
    adminComment !== undefined && token !== undefined && !adminComment.includes(token);
  return dropsToken || Object.values(priced).some((value) => value !== undefined);
}

function jobRecord(world: World, job: Job): Request {
  const { array, het, spec } = job;
  const task = array === undefined || array.isWhole ? NO_VAL : (array.tasks[0] ?? NO_VAL);
  return {
    job_id: job.id,
    array_job_id: array?.jobId ?? 0,
    array_task_id: task,
    het_job_id: het?.jobId ?? 0,
    account: spec.account,
    partition: job.partition,
    admin_comment: job.adminComment === '' ? undefined : job.adminComment,
    job_state: job.state === 'PENDING' ? 0 : 1,
    restart_cnt: job.restarts,
    submit_time: seconds(job.submitUs),
    time_limit: limitNumber(timeLimitOf(world, job)),
    min_nodes: spec.minNodes ?? 1,
    max_nodes: spec.maxNodes ?? 0,
    min_cpus: neededCpus(world, job),
    total_cpus: cpusOf(job) || neededCpus(world, job),
    features: spec.features.length === 0 ? undefined : spec.features.join('&'),
    tres_per_node: gresText(spec.gpusPerNode),
  };
}

function partsOf(conf: SlurmConf, names: readonly string[]): Request {
  return Object.fromEntries(
    names.flatMap((name) => {
      const partition = conf.partitions.get(name);
      return partition === undefined ? [] : [[name, partNumbers(partition)]];
    }),
  );
}

function partNumbers(partition: PartitionConf): Request {
  return {
    max_time: limitNumber(partition.maxTime),
    default_time: limitNumber(partition.defaultTime),
    min_nodes: partition.minNodes,
    max_nodes: partition.maxNodes === 'UNLIMITED' ? INFINITE : partition.maxNodes,
    def_mem_per_cpu: partition.defMemPerCpu,
    def_mem_per_node: partition.defMemPerNode,
  };
}

function limitNumber(limit: Limit | undefined): number {
  if (limit === undefined) {
    return NO_VAL;
  }
  return limit === 'UNLIMITED' ? INFINITE : limit;
}

function gresText(gpus: Gpus | undefined): string | undefined {
  if (gpus === undefined) {
    return undefined;
  }
  return gpus.type === '' ? `gres:gpu:${gpus.count}` : `gres:gpu:${gpus.type}:${gpus.count}`;
}
