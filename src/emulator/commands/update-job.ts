import { type Cluster, change, look } from '../cluster.ts';
import { Complaint } from '../complaint.ts';
import { limitUs, tell } from '../engine/lifecycle.ts';
import { isOver, type Job, type JobSpec } from '../model/job.ts';
import { timeLimitOf } from '../model/limits.ts';
import { happened, type World } from '../model/world.ts';
import { defaultAccount, MESSAGES, mayUse } from '../submit/admission.ts';
import { concernsPrice, type Edit, modifyRequest } from '../submit/request.ts';
import { ask, failOf, readShim } from '../submit/shim.ts';
import { parseLimit, parseTime } from '../times.ts';
import { jobsToChange, mayActOn } from './hold.ts';
import { type Pairs, refuseOthers } from './pairs.ts';

const KNOWN = new Set([
  ...['jobid', 'admincomment', 'comment', 'starttime', 'timelimit', 'numnodes', 'numtasks'],
  ...['partition', 'account', 'features', 'jobname', 'name'],
]);
const NODES = /^([1-9][0-9]{0,5})(?:-([1-9][0-9]{0,5}))?$/;
const COUNT = /^[1-9][0-9]{0,6}$/;

/** The plugin is asked first, then SLURM checks and changes. */
export function updateJobs(cluster: Cluster, pairs: Pairs): string {
  refuseOthers(pairs, KNOWN);
  const id = pairs.get('jobid') ?? '';
  const edit = editOf(pairs);
  askPlugin(cluster, id, edit);
  return change(cluster, (world) => {
    for (const job of jobsToChange(world, id).filter((each) => !isOver(each))) {
      apply(cluster, world, job, { pairs, edit, id });
    }
    return '';
  });
}

function editOf(pairs: Pairs): Edit {
  const time = pairs.get('timelimit');
  const limit = time === undefined ? undefined : parseLimit(time);
  if (time !== undefined && limit === undefined) {
    throw new Complaint('scontrol: error: Invalid TimeLimit value');
  }
  const [minNodes, maxNodes] = nodesOf(pairs.get('numnodes'));
  const tasks = pairs.get('numtasks');
  if (tasks !== undefined && !COUNT.test(tasks)) {
    throw new Complaint(`Invalid NumTasks value: ${tasks}`);
  }
  return {
    ...(limit === undefined ? {} : { timeLimit: limit }),
    ...(minNodes === undefined ? {} : { minNodes }),
    ...(maxNodes === undefined ? {} : { maxNodes }),
    ...(tasks === undefined ? {} : { numTasks: Number(tasks) }),
    ...text(pairs, 'account', 'account'),
    ...text(pairs, 'partition', 'partition'),
    ...text(pairs, 'features', 'features'),
    ...text(pairs, 'admincomment', 'adminComment'),
  };
}

function text(pairs: Pairs, key: string, field: keyof Edit): Edit {
  const value = pairs.get(key);
  return value === undefined ? {} : { [field]: value };
}

function nodesOf(value: string | undefined): readonly [number | undefined, number | undefined] {
  if (value === undefined) {
    return [undefined, undefined];
  }
  const [, least, most] = NODES.exec(value) ?? [];
  if (least === undefined) {
    throw new Complaint(`Invalid node count: ${value}`);
  }
  return [Number(least), most === undefined ? undefined : Number(most)];
}

/** slurm_job_modify: one call for an array's record, one a task that stands alone. */
function askPlugin(cluster: Cluster, id: string, edit: Edit): void {
  const shim = readShim(cluster);
  if (shim === undefined) {
    return;
  }
  const uid = cluster.store.person(cluster.user).uid;
  const asked = look(cluster, (world) =>
    jobsToChange(world, id)
      .filter((job) => !isOver(job) && concernsPrice(job, edit))
      .flatMap((job) => {
        checkRights(cluster, job, edit, id);
        const fail = failOf(shim, [job.partition, ...(edit.partition?.split(',') ?? [])]);
        const modified = {
          world,
          job,
          edit,
          uid,
          defaultAccount: defaultAccount(world.conf, job.spec.user),
        };
        return fail === undefined ? [] : [{ fail, request: modifyRequest(modified) }];
      }),
  );
  for (const { fail, request } of asked) {
    const { code } = ask(cluster, shim, fail, request);
    if (code !== 'SUCCESS') {
      // The plugin's text is not shown by scontrol, only SLURM's sentence of the code.
      throw new Complaint(`${MESSAGES[code] ?? code} for job ${id}`);
    }
  }
}

function checkRights(cluster: Cluster, job: Job, edit: Edit, id: string): void {
  if (!mayActOn(cluster, job)) {
    throw new Complaint(`Invalid user id for job ${id}`);
  }
  if (!cluster.isOperator && edit.adminComment !== undefined) {
    throw new Complaint(`Access/permission denied for job ${id}`);
  }
}

interface Change {
  readonly pairs: Pairs;
  readonly edit: Edit;
  readonly id: string;
}

function apply(cluster: Cluster, world: World, job: Job, { pairs, edit, id }: Change): void {
  checkRights(cluster, job, edit, id);
  const start = pairs.get('starttime');
  if (start !== undefined) {
    setStart(world, job, parseTime(start, world.atUs), id);
  }
  checkSpec(cluster, world, job, { pairs, edit, id });
  job.spec = { ...job.spec, ...specOf(edit, pairs) };
  job.partition = edit.partition?.split(',')[0] ?? job.partition;
  job.comment = pairs.get('comment') ?? job.comment;
  job.adminComment = edit.adminComment ?? job.adminComment;
  if (job.state === 'RUNNING') {
    job.endUs = limitUs(world, job);
  }
  world.mayStart = true;
  happened(world, 'updated', { job: job.id });
  tell(world, job);
}

function setStart(world: World, job: Job, beginUs: number, id: string): void {
  if (job.state !== 'PENDING') {
    throw new Complaint(`Job is no longer pending execution for job ${id}`);
  }
  job.beginUs = Math.max(beginUs, world.atUs);
  job.eligibleUs = job.beginUs;
}

function checkSpec(cluster: Cluster, world: World, job: Job, { edit, id }: Change): void {
  const isPending = job.state === 'PENDING';
  const changesShape = [edit.minNodes, edit.numTasks, edit.partition, edit.features, edit.account];
  if (!isPending && changesShape.some((value) => value !== undefined)) {
    throw new Complaint(
      edit.minNodes === undefined
        ? `Job is no longer pending execution for job ${id}`
        : `Requested operation not supported on this system for job ${id}`,
    );
  }
  const unknown = edit.partition?.split(',').find((name) => !world.conf.partitions.has(name));
  if (unknown !== undefined) {
    throw new Complaint(`Invalid partition name specified for job ${id}`);
  }
  if (edit.account !== undefined && !mayUse(world.conf, job.spec.user, edit.account)) {
    throw new Complaint(`${MESSAGES['ESLURM_INVALID_ACCOUNT']} for job ${id}`);
  }
  if (
    !isPending &&
    edit.timeLimit !== undefined &&
    !cluster.isOperator &&
    isLonger(world, job, edit)
  ) {
    throw new Complaint(`Access/permission denied for job ${id}`);
  }
}

/** Only an operator may give a running job more time. */
function isLonger(world: World, job: Job, { timeLimit }: Edit): boolean {
  const now = timeLimitOf(world, job);
  return now !== 'UNLIMITED' && (timeLimit === 'UNLIMITED' || (timeLimit ?? 0) > now);
}

function specOf(edit: Edit, pairs: Pairs): Partial<JobSpec> {
  const name = pairs.get('jobname') ?? pairs.get('name');
  return {
    ...(edit.timeLimit === undefined ? {} : { timeLimit: edit.timeLimit }),
    ...(edit.minNodes === undefined ? {} : { minNodes: edit.minNodes, maxNodes: edit.maxNodes }),
    ...(edit.numTasks === undefined ? {} : { numTasks: edit.numTasks }),
    ...(edit.account === undefined ? {} : { account: edit.account }),
    ...(edit.partition === undefined ? {} : { partitions: edit.partition.split(',') }),
    ...(edit.features === undefined ? {} : { features: edit.features.split('&').filter(Boolean) }),
    ...(name === undefined ? {} : { name }),
  };
}
