import { EXIT, Fault, isRefused, refused } from '../../../core/errors.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { EpilogCall } from '../../../core/slurm/epilog-call.ts';
import { parseJobRequest } from '../../../core/slurm/job-request.ts';
import type { RequestFiles, Spool } from '../../../ports/system.ts';
import { settleCall } from './end-of-run.ts';
import type { SettlePorts } from './pass.ts';

/** A submission that got no answer within that time got none (burst.md 7.8). */
const UNANSWERED_SECONDS = 60;

export interface LeftOverPorts extends SettlePorts {
  readonly spool: Spool;
  readonly requests: RequestFiles;
}

/**
 * Request files that submit did not remove: their job was admitted unseen where the partition is open.
 * A hold that stands for one all the same simply runs out. Answers how many were taken in.
 */
export async function takeRequests(ports: LeftOverPorts): Promise<number> {
  const old = ports.requests.list().filter(({ ageSeconds }) => ageSeconds > UNANSWERED_SECONDS);
  let taken = 0;
  for (const { name } of old) {
    const facts = readRequest(ports, name);
    if (facts !== undefined) {
      await journalUnseen(ports, name, facts);
      ports.requests.remove(name);
      taken += 1;
    }
  }
  return taken;
}

interface RequestFacts {
  readonly account: string;
  readonly user: string;
  readonly partition: string;
}

/** Undefined: not ours, and left for a person (reliability.md T9). */
function readRequest(ports: LeftOverPorts, name: string): RequestFacts | undefined {
  try {
    const request = parseJobRequest(ports.requests.read(name));
    if (isRefused(request)) {
      return { account: '', user: '', partition: '' };
    }
    const { account = '', userName: user = '', partition = '' } = request;
    return { account, user, partition };
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    ports.log.write('error', 'request_unreadable', { name, msg: error.message });
    return undefined;
  }
}

/** In a `closed` partition the job was refused; in an `open` one it runs without a hold. */
async function journalUnseen(
  ports: LeftOverPorts,
  name: string,
  facts: RequestFacts,
): Promise<void> {
  const partitions = facts.partition.split(',');
  const isOpen = ports.settings.slurm.partitions.some(
    ({ partition_name, fail }) => partitions.includes(partition_name) && fail === 'open',
  );
  if (isOpen && !(await wasDecided(ports, name))) {
    await journal(ports, { request: name, ...facts });
  }
}

/** Does a decision stand under the request's key? Asking changes nothing. */
async function wasDecided(ports: LeftOverPorts, name: string): Promise<boolean> {
  const scope = ports.settings.slurm.cluster_name;
  const answer = await ports.ledger.decide(
    { scope, key: `hold:${name}`, verb: 'look up', args: { request: name } },
    {},
    () => ({ changes: [], answer: null }),
  );
  return isRefused(answer) || answer.isRepeat;
}

async function journal(ports: LeftOverPorts, args: JsonObject): Promise<void> {
  const scope = ports.settings.slurm.cluster_name;
  ports.log.write('warn', 'admitted_unseen', { ...strings(args) });
  // A refusal of an audited act is what leaves a journal row and nothing else.
  await ports.ledger.decide({ scope, verb: 'admitted unseen', args, audited: true }, {}, () =>
    refused('POLICY', 'admitted while the ledger could not be used'),
  );
}

function strings(args: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, String(value)]));
}

/** Events that could not reach the ledger; each is taken in once, and again if that fails. */
export async function takeSpool(ports: LeftOverPorts): Promise<number> {
  let taken = 0;
  for (const { name, kind, record } of ports.spool.list()) {
    if (await takenIn(ports, kind, record)) {
      ports.spool.remove(name);
      taken += 1;
    }
  }
  return taken;
}

async function takenIn(
  ports: LeftOverPorts,
  kind: string,
  record: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  switch (kind) {
    case 'epilog': {
      const call = callOf(record);
      if (call !== undefined) {
        await settleCall(call, ports);
      }
      return true;
    }
    case 'submit':
    case 'modify':
      await journal(ports, textsOf(record));
      return true;
    case 'suspended':
    case 'terminated':
    case 'launched':
      // EC2 and the tags have told reconcile already what these say (burst.md 12).
      ports.log.write('info', 'spool_taken', { kind, ...textsOf(record) });
      return true;
    default:
      ports.log.write('warn', 'spool_unknown', { kind });
      return false;
  }
}

function textsOf(record: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value ?? null),
    ]),
  );
}

/** The spool is checked like a user's input (reliability.md T9). */
function callOf(record: Readonly<Record<string, unknown>>): EpilogCall | undefined {
  const { jobId, restart, arrayJobId, arrayTask, nodes } = record;
  if (!(isCount(jobId) && isCount(restart) && typeof arrayTask === 'number')) {
    return undefined;
  }
  return {
    jobId,
    restart,
    arrayJobId: isCount(arrayJobId) ? arrayJobId : undefined,
    arrayTask,
    nodes: isCount(nodes) ? nodes : 0,
    cluster: textOf(record, 'cluster'),
    partition: textOf(record, 'partition'),
    account: textOf(record, 'account'),
    userName: textOf(record, 'userName'),
    nodeList: textOf(record, 'nodeList'),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function textOf(record: Readonly<Record<string, unknown>>, key: string): string {
  const value = record[key];
  return typeof value === 'string' ? value : '';
}

/** Of all faults of a run the gravest decides its exit code. */
export function gravest(codes: readonly number[]): 0 | 1 | 22 | 75 {
  if (codes.includes(EXIT.integrity)) {
    return EXIT.integrity;
  }
  if (codes.includes(EXIT.fault) || codes.includes(EXIT.usage)) {
    return EXIT.fault;
  }
  return codes.includes(EXIT.tryAgain) ? EXIT.tryAgain : EXIT.ok;
}
