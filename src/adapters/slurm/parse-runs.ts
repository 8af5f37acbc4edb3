import { parseInstant } from '../../core/slurm/instant.ts';
import { firstWord } from '../../core/slurm/job-state.ts';
import { parseCount } from '../../core/slurm/tres.ts';
import type { JobRun } from '../../ports/slurm.ts';
import { shown, unreadable } from './unreadable.ts';

const COMMAND = 'sacct';
export const RUN_DELIMITER = '\u001f';
export const RUN_FIELDS =
  'JobID,JobIDRaw,Account,User,Partition,State,ExitCode,Submit,Start,End,ElapsedRaw,TimelimitRaw,NNodes,NCPUS,NodeList,AllocTRES,AdminComment';
const FIELD_COUNT = RUN_FIELDS.split(',').length;
const RAW_ID = /^[0-9]{1,10}$/;
const ARRAY_ID = /^([0-9]{1,10})_(?:([0-9]{1,7})|\[.*\])$/;
const MINUTES = /^[0-9]{1,10}$/;
const CPU_TIME = /^(?:([0-9]+)-)?(?:([0-9]+):)?([0-9]+):([0-9]+(?:\.[0-9]+)?)$/;

/** Every run, repeated lines once. A Fault (75) when a line is cut or is no run. */
export function parseRuns(output: string): readonly JobRun[] {
  const lines = output.split('\n');
  if (lines.pop() !== '') {
    throw unreadable(COMMAND, 'cut in the middle of a line');
  }
  return [...new Set(lines)].map(parseRun);
}

function parseRun(line: string): JobRun {
  const fields = line.split(RUN_DELIMITER);
  const [jobIdText = '', raw = '', account = '', userName = '', partition = ''] = fields;
  const [state = '', exitCode = '', submit = '', start = '', end = ''] = fields.slice(5);
  const [elapsed = '', limit = '', nodes = '', cpus = '', nodeList = ''] = fields.slice(10);
  const [allocTres = '', adminComment = ''] = fields.slice(15);
  const times = [submit, start, end].map(parseInstant);
  const [submitS, startS, endS] = times;
  const isRead = fields.length === FIELD_COUNT && RAW_ID.test(raw) && !times.includes(undefined);
  if (!isRead || state === '' || typeof submitS !== 'number') {
    throw unreadable(COMMAND, `not a run: ${shown(line)}`);
  }
  return {
    jobIdText,
    jobIdRaw: Number(raw),
    ...arrayOf(jobIdText),
    account,
    userName,
    partition,
    state: firstWord(state),
    exitCode,
    submitS,
    startS: startS === 'none' ? undefined : startS,
    endS: endS === 'none' ? undefined : endS,
    elapsedSeconds: parseCount(elapsed) ?? 0,
    timeLimitSeconds: MINUTES.test(limit) ? Number(limit) * 60 : undefined,
    nodes: parseCount(nodes) ?? 0,
    cpus: parseCount(cpus) ?? 0,
    nodeList: nodeList === 'None assigned' ? '' : nodeList,
    allocTres,
    adminComment,
  };
}

function arrayOf(jobIdText: string): Pick<JobRun, 'arrayJobId' | 'arrayTask'> {
  const [, array, task] = ARRAY_ID.exec(jobIdText) ?? [];
  return {
    arrayJobId: array === undefined ? undefined : Number(array),
    arrayTask: task === undefined ? undefined : Number(task),
  };
}

/** `JobID|TotalCPU|MaxRSS|NTasks` of the steps: CPU seconds and the greatest MaxRSS, where shown. */
export function parseEfficiency(output: string): { cpuSeconds?: number; maxRssKib?: number } {
  const rows = output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('|'));
  // The job's own line adds up its steps.
  const cpu = rows.flatMap(([id = '', total = '']) => (id.includes('.') ? [] : [cpuTime(total)]));
  const rss = rows.flatMap(([, , memory = '']) => kibibytes(memory) ?? []);
  return {
    ...(cpu[0] === undefined ? {} : { cpuSeconds: cpu[0] }),
    ...(rss.length === 0 ? {} : { maxRssKib: Math.max(...rss) }),
  };
}

/** `1-02:03:04.5`, `03:04`, `00:00.123`. */
function cpuTime(text: string): number | undefined {
  const [, days = '0', hours = '0', minutes, seconds] = CPU_TIME.exec(text) ?? [];
  return minutes === undefined || seconds === undefined
    ? undefined
    : (Number(days) * 24 + Number(hours)) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** `0` and nothing mean that it was not measured; with --noconvert a bare number is bytes. */
function kibibytes(text: string): number | undefined {
  const bytes = parseCount(text);
  return bytes === undefined || bytes === 0 ? undefined : Math.ceil(bytes / 1024);
}
