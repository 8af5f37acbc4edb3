import { type Cluster, clockOf } from '../cluster.ts';
import { Complaint, unsupported } from '../complaint.ts';
import type { Run } from '../model/run-picture.ts';
import { type Given, type Option, parseOptions } from '../options.ts';
import { parseTime, SECOND, showTime } from '../times.ts';
import { type Line, rowsOf } from './sacct-steps.ts';

const OPTIONS: readonly Option[] = [
  { name: 'allocations', letter: 'X', takes: 'nothing' },
  { name: 'duplicates', letter: 'D', takes: 'nothing' },
  { name: 'noheader', letter: 'n', takes: 'nothing' },
  { name: 'parsable2', letter: 'P', takes: 'nothing' },
  { name: 'allusers', letter: 'a', takes: 'nothing' },
  { name: 'noconvert', takes: 'nothing' },
  { name: 'delimiter', takes: 'value' },
  { name: 'starttime', letter: 'S', takes: 'value' },
  { name: 'endtime', letter: 'E', takes: 'value' },
  { name: 'format', letter: 'o', takes: 'value' },
  { name: 'jobs', letter: 'j', takes: 'value' },
  { name: 'user', letter: 'u', takes: 'value' },
];

const DEFAULT_FIELDS = 'JobID,JobName,Partition,Account,AllocCPUS,State,ExitCode';
const DAY = 86_400 * SECOND;
const ID = /^([0-9]{1,10})(?:_([0-9]{1,7})|\+([0-9]{1,4}))?$/;

const PLACE = /[_+]([0-9]+)$/;

interface Field {
  readonly name: string;
  /** Columns of the table; negative: to the left. */
  readonly width: number;
  readonly text: (line: Line) => string;
}

const FIELDS: readonly Field[] = [
  { name: 'JobID', width: -12, text: ({ id }) => id },
  { name: 'JobIDRaw', width: -12, text: ({ run, step }) => `${run.jobId}${step}` },
  { name: 'JobName', width: 10, text: ({ name }) => name },
  { name: 'Account', width: 10, text: ({ run }) => run.account },
  { name: 'User', width: 9, text: ({ run, step }) => (step === '' ? run.user : '') },
  { name: 'Partition', width: 10, text: ({ run, step }) => (step === '' ? run.partition : '') },
  { name: 'QOS', width: 10, text: ({ run }) => run.qos },
  { name: 'State', width: 10, text: ({ state }) => state },
  { name: 'ExitCode', width: 8, text: ({ exitCode }) => exitCode },
  { name: 'Submit', width: 19, text: ({ run }) => showTime(run.submitUs) },
  { name: 'Eligible', width: 19, text: ({ run }) => showTime(run.eligibleUs) },
  { name: 'Start', width: 19, text: ({ run }) => startText(run) },
  { name: 'End', width: 19, text: ({ run }) => showTime(run.endUs) },
  { name: 'ElapsedRaw', width: 10, text: ({ elapsed }) => `${elapsed}` },
  { name: 'TimelimitRaw', width: 12, text: ({ run, step }) => (step === '' ? run.timeLimit : '') },
  { name: 'NNodes', width: 8, text: ({ nodes }) => `${nodes}` },
  { name: 'AllocNodes', width: 10, text: ({ run }) => `${run.allocTres === '' ? 0 : run.nodes}` },
  { name: 'NCPUS', width: 10, text: ({ cpus }) => `${cpus}` },
  { name: 'AllocCPUS', width: 10, text: ({ run, cpus }) => `${run.allocTres === '' ? 0 : cpus}` },
  { name: 'NodeList', width: 15, text: ({ nodeList }) => nodeList },
  { name: 'AllocTRES', width: 10, text: ({ run }) => run.allocTres },
  { name: 'ReqTRES', width: 10, text: ({ run }) => run.reqTres },
  { name: 'Comment', width: 14, text: ({ run }) => run.comment },
  {
    name: 'AdminComment',
    width: 19,
    text: ({ run, step }) => (step === '' ? run.adminComment : ''),
  },
  { name: 'TotalCPU', width: 10, text: ({ totalCpu }) => totalCpu },
  { name: 'MaxRSS', width: 10, text: ({ maxRss }) => maxRss },
  { name: 'NTasks', width: 8, text: ({ tasks }) => tasks },
];

/** sacct of an emulated slurmdbd: what it shows lies dbd_lag behind (and as far as a fault says). */
export function sacct(cluster: Cluster, args: readonly string[], lagSeconds: number): string {
  const given = parseOptions('sacct', args, OPTIONS);
  if (given.words.length > 0) {
    throw unsupported(`sacct ${given.words.join(' ')}`);
  }
  const fields = fieldsOf(given.options.get('format') ?? DEFAULT_FIELDS);
  const nowUs = clockOf(cluster.conf);
  const keep = filterOf(cluster, given, nowUs);
  const runs = cluster.store
    .consistently(() => cluster.store.runsAt(nowUs - lagSeconds * SECOND))
    .filter(({ run }) => keep(run));
  const shown = given.options.has('duplicates') ? runs : lastOfEach(runs);
  const lines = shown
    .map(({ run }) => run)
    .toSorted((a, b) => a.groupId - b.groupId || compareIds(a, b) || a.submitUs - b.submitUs)
    .flatMap((run) => rowsOf(run, nowUs, given.options.has('allocations')));
  return render(lines, fields, given);
}

function fieldsOf(text: string): readonly Field[] {
  return text.split(',').map((word) => {
    const [name = '', width] = word.split('%');
    const field = FIELDS.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (field === undefined) {
      throw unsupported(`sacct field ${word}`);
    }
    return width === undefined ? field : { ...field, width: Number(width) };
  });
}

type Keep = (run: Run) => boolean;

function filterOf(cluster: Cluster, { options }: Given, nowUs: number): Keep {
  const jobs = options.get('jobs')?.split(',').map(idOf);
  const start = options.get('starttime');
  const endText = options.get('endtime');
  const users = usersOf(cluster, options);
  // Jobs named with -j are shown whatever the window; without -S it begins at midnight.
  const fromUs = start === undefined ? nowUs - (nowUs % DAY) : parseTime(start, nowUs);
  const toUs = endText === undefined ? nowUs : parseTime(endText, nowUs);
  return (run) =>
    (jobs === undefined || jobs.some((each) => each(run))) &&
    (users === undefined || users.includes(run.user)) &&
    (jobs !== undefined || isWithin(run, fromUs, toUs));
}

/**
 * Measured: a window shows what was eligible before its end and had not ended before its start. A held
 * job was never eligible, so no window shows it, not even after it was cancelled.
 */
function isWithin(run: Run, fromUs: number, toUs: number): boolean {
  const endedUs = run.endUs === 0 ? Number.POSITIVE_INFINITY : run.endUs;
  return run.eligibleUs !== 0 && run.eligibleUs <= toUs && endedUs >= fromUs;
}

function usersOf(
  cluster: Cluster,
  options: ReadonlyMap<string, string>,
): readonly string[] | undefined {
  const asked = options.get('user')?.split(',');
  const isFree = options.has('allusers') || options.has('jobs') || cluster.isOperator;
  return asked ?? (isFree ? undefined : [cluster.user]);
}

function idOf(text: string): Keep {
  const [, id, task, offset] = ID.exec(text) ?? [];
  if (id === undefined) {
    throw new Complaint(`sacct: fatal: Bad job/step specified: ${text}`);
  }
  const number = Number(id);
  if (task !== undefined) {
    return (run) => run.idText === `${id}_${task}`;
  }
  return offset === undefined
    ? (run) => run.jobId === number || run.groupId === number
    : (run) => run.idText === `${id}+${offset}`;
}

function lastOfEach<T extends { readonly runId: number; readonly run: Run }>(
  runs: readonly T[],
): readonly T[] {
  return [...new Map(runs.map((each) => [each.run.idText, each])).values()];
}

/** Tasks by their number, what is still one record behind them. */
function compareIds(a: Run, b: Run): number {
  const [taskA, taskB] = [a, b].map(({ idText }) =>
    Number(PLACE.exec(idText)?.[1] ?? Number.MAX_SAFE_INTEGER),
  );
  return (taskA ?? 0) - (taskB ?? 0);
}

function startText(run: Run): string {
  if (run.startUs !== 0) {
    return showTime(run.startUs);
  }
  return run.endUs === 0 ? 'Unknown' : 'None';
}

function render(lines: readonly Line[], fields: readonly Field[], { options }: Given): string {
  const isPlain = options.has('parsable2');
  const delimiter = options.get('delimiter') ?? '|';
  const cells = lines.map((line) => fields.map((field) => field.text(line)));
  const rows = options.has('noheader') ? cells : [fields.map((field) => field.name), ...cells];
  if (isPlain) {
    return rows.map((row) => `${row.join(delimiter)}\n`).join('');
  }
  const rules = fields.map((field) => '-'.repeat(Math.abs(field.width)));
  const table = options.has('noheader') ? rows : [rows[0] ?? [], rules, ...rows.slice(1)];
  return table
    .map((row) => `${row.map((cell, at) => fitted(cell, fields[at])).join(' ')} \n`)
    .join('');
}

/** A text that is too long ends in `+`, as sacct shows it. */
function fitted(cell: string, field: Field | undefined): string {
  const width = Math.abs(field?.width ?? 0);
  const cut = cell.length > width ? `${cell.slice(0, width - 1)}+` : cell;
  return (field?.width ?? 0) < 0 ? cut.padEnd(width) : cut.padStart(width);
}
