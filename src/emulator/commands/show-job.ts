import { compressNodelist } from '../../core/slurm/nodelist.ts';
import { formatTimeLimit } from '../../core/slurm/time-limit.ts';
import { cpusOf, isOver, type Job, stateText } from '../model/job.ts';
import { timeLimitOf } from '../model/limits.ts';
import {
  cpusPerTask,
  isWholeNodes,
  memoryOf,
  neededCpus,
  neededNodes,
  taskCount,
} from '../model/needs.ts';
import { taskRange } from '../model/run.ts';
import { scontrolTres } from '../model/tres.ts';
import type { World } from '../model/world.ts';
import { seconds, showTime } from '../times.ts';
import { showMebibytes } from '../units.ts';
import { displayedEndUs, displayedStartUs } from './job-times.ts';

const NO_VAL = '4294967294';

/** What `scontrol show job` needs to know besides the job. */
export interface JobView {
  readonly world: World;
  readonly nowUs: number;
  /** -d */
  readonly isDetailed: boolean;
}

/** The lines of one job, as slurm_sprint_job_info() makes them; -o joins them with blanks. */
export function jobLines(job: Job, view: JobView): readonly string[] {
  const { spec } = job;
  return [
    ...identity(job),
    `UserId=${spec.user}(${spec.uid}) GroupId=${spec.user}(${spec.gid}) MCS_label=N/A`,
    `Priority=${job.priority} Nice=0 Account=${spec.account || '(null)'} QOS=${spec.qos}`,
    `JobState=${stateText(job)} Reason=${job.reason.replaceAll(' ', '_')} Dependency=(null)`,
    `Requeue=${spec.isRequeueable ? 1 : 0} Restarts=${job.restarts} BatchFlag=1 Reboot=0 ExitCode=${job.exitCode}:${job.exitSignal}`,
    ...(view.isDetailed ? ['DerivedExitCode=0:0'] : []),
    ...times(job, view),
    `Partition=${job.state === 'PENDING' ? spec.partitions.join(',') : job.partition} AllocNode:Sid=localhost:1`,
    `ReqNodeList=${compressNodelist(spec.reqNodes) || '(null)'} ExcNodeList=(null)`,
    ...nodeLines(job),
    ...sizes(job, view),
    ...tail(job),
  ];
}

function identity(job: Job): readonly string[] {
  const { array, het, spec } = job;
  const throttle =
    array === undefined || array.throttle === 0 ? '' : ` ArrayTaskThrottle=${array.throttle}`;
  const place =
    array === undefined
      ? ''
      : ` ArrayJobId=${array.jobId} ArrayTaskId=${taskRange(job)}${throttle}`;
  const component = het === undefined ? '' : ` HetJobId=${het.jobId} HetJobOffset=${het.offset}`;
  return [
    `JobId=${job.id}${place}${component} JobName=${spec.name}`,
    ...(het === undefined ? [] : [`HetJobIdSet=${het.jobId}-${het.jobId + het.size - 1}`]),
  ];
}

function times(job: Job, { world, nowUs }: JobView): readonly string[] {
  const limit = timeLimitOf(world, job);
  const limitText = limit === 'UNLIMITED' ? limit : formatTimeLimit(limit * 60);
  const sched = showTime(job.schedUs || job.submitUs);
  return [
    `RunTime=${formatTimeLimit(runSeconds(job, nowUs))} TimeLimit=${limitText} TimeMin=N/A`,
    `SubmitTime=${showTime(job.submitUs)} EligibleTime=${showTime(job.eligibleUs)}`,
    `AccrueTime=${showTime(job.accrueUs)}`,
    `StartTime=${showTime(displayedStartUs(job, nowUs))} EndTime=${showTime(displayedEndUs(world, job, nowUs))} Deadline=N/A`,
    `SuspendTime=None SecsPreSuspend=0 LastSchedEval=${sched} Scheduler=Main`,
  ];
}

function runSeconds(job: Job, nowUs: number): number {
  if (job.state === 'PENDING' || job.startUs === 0) {
    return 0;
  }
  return seconds(isOver(job) ? job.endUs : nowUs) - seconds(job.startUs);
}

/** While COMPLETING only the nodes still being cleaned stand here: none, when the epilog is slow. */
function nodeLines(job: Job): readonly string[] {
  const list = job.isCompleting ? '' : compressNodelist(job.nodes);
  const batchHost = job.nodes[0];
  return [`NodeList=${list}`, ...(batchHost === undefined ? [] : [`BatchHost=${batchHost}`])];
}

function sizes(job: Job, { world, isDetailed }: JobView): readonly string[] {
  const { spec } = job;
  const cpus = cpusOf(job) || neededCpus(world, job);
  const perNode = spec.tasksPerNode ?? 0;
  return [
    `NumNodes=${nodeCount(job, world)} NumCPUs=${cpus} NumTasks=${tasksShown(job)} CPUs/Task=${cpusPerTask(spec)} ReqB:S:C:T=0:0:*:*`,
    `TRES=${scontrolTres(world, job)}`,
    `Socks/Node=* NtasksPerN:B:S:C=${perNode}:0:*:* CoreSpec=*`,
    ...(isDetailed && job.nodes.length > 0 ? shareLines(job) : []),
    `MinCPUsNode=${minCpusNode(job)} ${memoryText(job, world)} MinTmpDiskNode=0`,
    `Features=${spec.features.join('&') || '(null)'} DelayBoot=00:00:00`,
    `OverSubscribe=${isWholeNodes(world, job) ? 'NO' : 'OK'} Contiguous=0 Licenses=(null) Network=(null)`,
  ];
}

/** `2-3` while -N is still a wish, the number afterwards. */
function nodeCount(job: Job, world: World): string {
  const { minNodes, maxNodes } = job.spec;
  const isWish = job.state === 'PENDING' && job.restarts === 0 && maxNodes !== undefined;
  return isWish ? `${minNodes}-${maxNodes}` : `${job.nodes.length || neededNodes(world, job)}`;
}

function tasksShown(job: Job): string {
  const { numTasks, tasksPerNode } = job.spec;
  const neverRan = isOver(job) && job.nodes.length === 0;
  return neverRan && numTasks === undefined && tasksPerNode === undefined
    ? 'N/A'
    : `${numTasks ?? (job.nodes.length > 0 ? (tasksPerNode ?? 1) * job.nodes.length : taskCount(job.spec))}`;
}

function minCpusNode(job: Job): number {
  return cpusPerTask(job.spec) * (job.spec.tasksPerNode ?? 1);
}

function memoryText(job: Job, world: World): string {
  const { perCpu, perNode } = memoryOf(world, job);
  return perCpu === undefined
    ? `MinMemoryNode=${perNode === undefined ? 0 : showMebibytes(perNode)}`
    : `MinMemoryCPU=${showMebibytes(perCpu)}`;
}

/** `-d`: neighbouring nodes with equal shares are one line. */
function shareLines(job: Job): readonly string[] {
  const groups: { text: string; nodes: string[] }[] = [];
  for (const name of job.nodes) {
    const share = job.shares[name];
    const gres =
      share === undefined || share.gpus === 0 ? '' : `gpu:${share.gpus}(IDX:0-${share.gpus - 1})`;
    const text = `CPU_IDs=${idRanges(share?.cpuIds ?? [])} Mem=${share?.mem ?? 0} GRES=${gres}`;
    const last = groups.at(-1);
    if (last?.text === text) {
      last.nodes.push(name);
    } else {
      groups.push({ text, nodes: [name] });
    }
  }
  const gpus = Object.values(job.shares).reduce((sum, share) => sum + share.gpus, 0);
  return [
    `JOB_GRES=${gpus === 0 ? '(null)' : `gpu:${gpus}`}`,
    ...groups.map(({ text, nodes }) => `  Nodes=${compressNodelist(nodes)} ${text}`),
  ];
}

function idRanges(ids: readonly number[]): string {
  const list = compressNodelist(ids.map(String));
  return list.replace(/^\[|\]$/g, '');
}

function tail(job: Job): readonly string[] {
  const { spec } = job;
  const pattern = `${spec.workDir}/slurm-${job.array === undefined ? '%j' : '%A_%a'}.out`;
  const stdOut = outputPath(job, spec.stdOut ?? pattern);
  return [
    `Command=${spec.command || '(null)'}`,
    `WorkDir=${spec.workDir}`,
    ...(job.adminComment === '' ? [] : [`AdminComment=${job.adminComment} `]),
    ...(job.comment === '' ? [] : [`Comment=${job.comment} `]),
    `StdErr=${spec.stdErr === undefined ? stdOut : outputPath(job, spec.stdErr)}`,
    'StdIn=/dev/null',
    `StdOut=${stdOut}`,
    'Power=',
    ...(spec.gpusPerJob === undefined ? [] : [`TresPerJob=gres:${gpuText(spec.gpusPerJob)}`]),
    ...(spec.gpusPerNode === undefined ? [] : [`TresPerNode=gres:${gpuText(spec.gpusPerNode)}`]),
    '', // SLURM ends every line of a job as if one more came
  ];
}

/** sbatch(1), filename pattern: %j, %A and %a; a task that is not one yet shows as NO_VAL. */
function outputPath({ id, array }: Job, pattern: string): string {
  const task = array === undefined || array.isWhole ? NO_VAL : `${array.tasks[0]}`;
  return pattern
    .replaceAll('%j', `${id}`)
    .replaceAll('%A', `${array?.jobId ?? id}`)
    .replaceAll('%a', task);
}

function gpuText({ type, count }: { readonly type: string; readonly count: number }): string {
  return type === '' ? `gpu:${count}` : `gpu:${type}:${count}`;
}
