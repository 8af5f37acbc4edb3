import type { Run } from '../model/run-picture.ts';
import { seconds } from '../times.ts';

/** Only the first component of a het job has a batch step. */
const COMPONENT = /\+[1-9][0-9]*$/;

/** One line of sacct: the job, or one of its steps (`.batch`). */
export interface Line {
  readonly run: Run;
  /** `` or `.batch`. */
  readonly step: string;
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly exitCode: string;
  readonly elapsed: number;
  readonly nodes: number;
  readonly cpus: number;
  readonly nodeList: string;
  readonly totalCpu: string;
  readonly maxRss: string;
  readonly tasks: string;
}

/** The job's line, and below it that of its batch step once the script has begun. */
export function rowsOf(run: Run, nowUs: number, isAllocationsOnly: boolean): readonly Line[] {
  const elapsed =
    run.startUs === 0 ? 0 : Math.max(0, seconds(run.endUs || nowUs) - seconds(run.startUs));
  const totalCpu = cpuText(run.hasBegun && run.endUs !== 0 ? elapsed * run.cpus : 0);
  const job: Line = {
    run,
    step: '',
    id: run.idText,
    name: run.name,
    state: run.state,
    exitCode: run.exitCode,
    elapsed,
    nodes: run.nodes,
    cpus: run.cpus,
    nodeList: run.nodeList,
    totalCpu,
    maxRss: '',
    tasks: '',
  };
  const hasBatch = run.hasBegun && !COMPONENT.test(run.idText);
  return isAllocationsOnly || !hasBatch
    ? [job]
    : [job, batchOf(job), ...run.steps.map((name, index) => stepOf(job, name, index))];
}

function batchOf(job: Line): Line {
  const { run } = job;
  const isCut = run.state.startsWith('NODE_FAIL') || run.state.startsWith('REQUEUED');
  return {
    ...job,
    step: '.batch',
    id: `${job.id}.batch`,
    name: 'batch',
    state: isCut ? 'CANCELLED' : (run.state.split(' ')[0] ?? ''),
    exitCode: isCut ? '' : run.exitCode,
    nodes: 1,
    cpus: run.batchCpus,
    nodeList: run.nodeList.split(',')[0] ?? '',
    // Half of what it was given: an emulated script touches no memory.
    maxRss: run.endUs === 0 ? '' : `${Math.floor((run.memMib * 1024) / 2)}K`,
    tasks: '1',
  };
}

/** What the script started with srun, on all nodes of the job. */
function stepOf(job: Line, name: string, index: number): Line {
  const batch = batchOf(job);
  const { run } = job;
  return {
    ...batch,
    step: `.${index}`,
    id: `${job.id}.${index}`,
    name,
    nodes: job.nodes,
    cpus: job.cpus,
    nodeList: job.nodeList,
    tasks: `${run.tasks}`,
  };
}

/** `00:00.003`, `01:02:03`, `1-00:00:00`: sacct's own ways to write CPU time. */
function cpuText(total: number): string {
  const days = Math.floor(total / 86_400);
  const hours = Math.floor((total % 86_400) / 3600);
  const minutes = pad(Math.floor((total % 3600) / 60));
  const rest = pad(total % 60);
  if (days > 0) {
    return `${days}-${pad(hours)}:${minutes}:${rest}`;
  }
  return hours > 0 ? `${pad(hours)}:${minutes}:${rest}` : `00:${minutes}:${rest}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
