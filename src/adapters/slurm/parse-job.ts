import { parseArray } from '../../core/slurm/array.ts';
import { parseInstant } from '../../core/slurm/instant.ts';
import { expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';
import { parseTimeLimit } from '../../core/slurm/time-limit.ts';
import { parseCount, parseMemory } from '../../core/slurm/tres.ts';
import type { SlurmJob } from '../../ports/slurm.ts';
import { shown, unreadable } from './unreadable.ts';

// One line of `scontrol show job -d -o` (slurm/src/api/job_info.c, slurm_sprint_job_info). Job name,
// command, directory and comment are the user's own text and stand in it unquoted: they may hold
// blanks, `Key=Value`, newlines, a whole forged record. So the part that counts is found by its
// shape, from UserId= to Command=, and a record with two such parts is not read at all.

const COMMAND = 'scontrol show job';
const ID = /^JobId=([0-9]{1,10}) /;
const BLANK = / /;
const HEAD =
  /^JobId=([0-9]{1,10}) (?:ArrayJobId=([0-9]{1,10}) ArrayTaskId=(\S+) (?:ArrayTaskThrottle=[0-9]+ )?)?(?:HetJobId=([0-9]{1,10}) HetJobOffset=([0-9]{1,6}) )?JobName=/;
const HET_SET = / HetJobIdSet=\S*$/;
const TOKEN = /^([A-Za-z][A-Za-z0-9/:_]*)=(.*)$/s;
const USER = /^(.*)\(([0-9]+)\)$/s;
/** With -d they stand once for each group of nodes. */
const REPEATED = new Set(['Nodes', 'CPU_IDs', 'Mem', 'GRES']);
const REQUIRED = [
  'UserId',
  'Account',
  'JobState',
  'Reason',
  'Requeue',
  'Restarts',
  'ExitCode',
  'TimeLimit',
  'SubmitTime',
  'StartTime',
  'EndTime',
  'Partition',
  'ReqNodeList',
  'NodeList',
  'NumNodes',
  'NumCPUs',
  'Features',
  'OverSubscribe',
] as const;
const AFTER_ADMIN_COMMENT = / (?:SystemComment|Comment|Extra|StdErr|StdIn|StdOut|Power)=/;
const AFTER_COMMENT = / (?:Extra|StdErr|StdIn|StdOut|Power)=/;
const NO_JOBS = /^No jobs in the system/;
/** More `UserId=` than that in one record is an attack, not a name. */
const CANDIDATES_MAX = 64;

export interface JobRecords {
  readonly jobs: readonly SlurmJob[];
  /** Ids of records that are forged or not understood: their jobs count as live and unknown. */
  readonly unreadable: readonly number[];
}

/** All records, or a Fault (75) when the output is cut or is something else. */
export function parseJobs(output: string): JobRecords {
  const lines = output.split('\n');
  if (lines.pop() !== '') {
    throw unreadable(COMMAND, 'cut in the middle of a line');
  }
  const records = recordsOf(lines);
  const jobs = records.map(parseRecord);
  if (records.length > 0 && jobs.at(-1) === undefined) {
    // A forged record can only stand before the true rest of its line: a bad last one is a cut one.
    throw unreadable(COMMAND, `not a job: ${shown(records.at(-1) ?? '')}`);
  }
  return {
    jobs: jobs.filter((job) => job !== undefined),
    unreadable: records.flatMap((record, at) => (jobs[at] === undefined ? [idOf(record)] : [])),
  };
}

/** A newline in a job's name begins a line that is not a record: it belongs to the one before. */
function recordsOf(lines: readonly string[]): readonly string[] {
  const records: string[] = [];
  for (const line of lines.filter((text) => !NO_JOBS.test(text))) {
    if (ID.test(line)) {
      records.push(line);
    } else if (records.length > 0) {
      records.push(`${records.pop()}\n${line}`);
    } else if (line.trim() !== '') {
      throw unreadable(COMMAND, `not a job: ${shown(line)}`);
    }
  }
  return records;
}

function idOf(record: string): number {
  return Number(ID.exec(record)?.[1]);
}

interface Body {
  readonly begin: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly groups: readonly { readonly nodes: string; readonly cpuIds: string }[];
  /** What follows Command=: the user's text, then AdminComment= and Comment=. */
  readonly tail: string;
}

function parseRecord(record: string): SlurmJob | undefined {
  const head = HEAD.exec(record);
  const bodies = head === null ? [] : bodiesOf(record);
  const [body] = bodies;
  if (head === null || body === undefined || bodies.length > 1) {
    return undefined;
  }
  const name = record.slice(head[0].length, body.begin).replace(HET_SET, '');
  return toJob(head, name, body);
}

function bodiesOf(record: string): readonly Body[] {
  const bodies: Body[] = [];
  let begin = record.indexOf(' UserId=');
  for (let tries = 0; begin >= 0 && tries < CANDIDATES_MAX; tries += 1) {
    const end = record.indexOf(' Command=', begin);
    const body = end < 0 ? undefined : bodyOf(record, begin, end);
    bodies.push(...(body === undefined ? [] : [body]));
    begin = record.indexOf(' UserId=', begin + 1);
  }
  return begin < 0 ? bodies : [];
}

function bodyOf(record: string, begin: number, end: number): Body | undefined {
  const tokens = record
    .slice(begin + 1, end)
    .split(' ')
    .filter((token) => token !== '');
  const pairs = tokens.map((token) => TOKEN.exec(token) ?? undefined);
  // --network is the user's text as well; nothing after it is needed.
  const network = pairs.findIndex((pair) => pair?.[1] === 'Network');
  const fields = fieldsOf(network < 0 ? pairs : pairs.slice(0, network));
  return fields !== undefined && REQUIRED.every((key) => fields.has(key))
    ? { begin, fields, groups: groupsOf(pairs), tail: record.slice(end) }
    : undefined;
}

type Pair = RegExpExecArray | undefined;

/** Undefined when a word is no `Key=Value`, or a key stands twice. */
function fieldsOf(pairs: readonly Pair[]): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const pair of pairs) {
    const [, key = '', value = ''] = pair ?? [];
    if (key === '' || (fields.has(key) && !REPEATED.has(key))) {
      return undefined;
    }
    fields.set(key, value === '(null)' ? '' : value);
  }
  return fields;
}

/** `Nodes=cloud-[1-2] CPU_IDs=0-3` as often as it stands. */
function groupsOf(pairs: readonly Pair[]): Body['groups'] {
  return pairs.flatMap((pair, at) =>
    pair?.[1] === 'Nodes' && pairs[at + 1]?.[1] === 'CPU_IDs'
      ? [{ nodes: pair[2] ?? '', cpuIds: pairs[at + 1]?.[2] ?? '' }]
      : [],
  );
}

function toJob(head: RegExpExecArray, name: string, body: Body): SlurmJob | undefined {
  const { fields } = body;
  const [, jobId, arrayJobId, arrayTaskId, hetJobId, hetJobOffset] = head;
  const [, userName, uid] = USER.exec(field(fields, 'UserId')) ?? [];
  const times = timesOf(fields);
  const sizes = sizesOf(fields);
  if (userName === undefined || times === undefined || sizes === undefined) {
    return undefined;
  }
  return {
    jobId: Number(jobId),
    arrayJobId: arrayJobId === undefined ? undefined : Number(arrayJobId),
    arrayTaskId,
    hetJobId: hetJobId === undefined ? undefined : Number(hetJobId),
    hetJobOffset: hetJobOffset === undefined ? undefined : Number(hetJobOffset),
    name,
    userName: userName === '(null)' ? '' : userName,
    userId: Number(uid),
    account: field(fields, 'Account'),
    partition: field(fields, 'Partition'),
    state: field(fields, 'JobState'),
    reason: field(fields, 'Reason'),
    requeue: field(fields, 'Requeue') === '1',
    nodeList: field(fields, 'NodeList'),
    features: field(fields, 'Features'),
    tres: field(fields, 'TRES') || field(fields, 'AllocTRES') || field(fields, 'ReqTRES'),
    tresPerNode: tailValue(body.tail, ' TresPerNode=', BLANK),
    minMemoryNodeMib: parseMemory(field(fields, 'MinMemoryNode')),
    minMemoryCpuMib: parseMemory(field(fields, 'MinMemoryCPU')),
    overSubscribe: field(fields, 'OverSubscribe'),
    comment: tailValue(body.tail, ' Comment=', AFTER_COMMENT),
    adminComment: tailValue(body.tail, ' AdminComment=', AFTER_ADMIN_COMMENT),
    exitCode: field(fields, 'ExitCode'),
    cpusOnNode: cpusOf(body.groups),
    ...times,
    ...sizes,
  };
}

type Fields = ReadonlyMap<string, string>;
type Times = Pick<SlurmJob, 'submitS' | 'startS' | 'endS' | 'timeLimitSeconds'>;
type Sizes = Pick<SlurmJob, 'restarts' | 'numNodes' | 'numCpus' | 'numTasks' | 'cpusPerTask'>;

function timesOf(fields: Fields): Times | undefined {
  const submitS = parseInstant(field(fields, 'SubmitTime'));
  const startS = parseInstant(field(fields, 'StartTime'));
  const endS = parseInstant(field(fields, 'EndTime'));
  const limit = parseTimeLimit(field(fields, 'TimeLimit'));
  return typeof submitS !== 'number' || startS === undefined || endS === undefined
    ? undefined
    : {
        submitS,
        startS: startS === 'none' ? undefined : startS,
        endS: endS === 'none' ? undefined : endS,
        timeLimitSeconds: limit === 'UNLIMITED' ? undefined : limit,
      };
}

function sizesOf(fields: Fields): Sizes | undefined {
  const restarts = parseCount(field(fields, 'Restarts'));
  // `2-2` while pending: from - to.
  const numNodes = parseCount(field(fields, 'NumNodes').split('-').at(-1) ?? '');
  const numCpus = parseCount(field(fields, 'NumCPUs').split('-').at(-1) ?? '');
  return restarts === undefined || numNodes === undefined || numCpus === undefined
    ? undefined
    : {
        restarts,
        numNodes,
        numCpus,
        numTasks: parseCount(field(fields, 'NumTasks')) ?? 0,
        cpusPerTask: parseCount(field(fields, 'CPUs/Task')) ?? 1,
      };
}

function field(fields: Fields, key: string): string {
  return fields.get(key) ?? '';
}

/** A key that stands twice in the user's part is not believed. */
function tailValue(tail: string, key: string, next: RegExp): string {
  const at = tail.indexOf(key);
  if (at < 0 || tail.includes(key, at + 1)) {
    return '';
  }
  const rest = tail.slice(at + key.length);
  const end = next.exec(rest)?.index ?? rest.length;
  return rest.slice(0, end).trim();
}

function cpusOf(groups: Body['groups']): Readonly<Record<string, number>> {
  return Object.fromEntries(
    groups.flatMap(({ nodes, cpuIds }) => {
      const names = expandNodelist(nodes);
      const count = parseArray(cpuIds)?.tasks.length;
      return isNodelistError(names) || count === undefined
        ? []
        : names.map((name): readonly [string, number] => [name, count]);
    }),
  );
}
