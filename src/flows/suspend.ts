import { launchClassOf } from '../core/burst/errors.ts';
import { isLive } from '../core/burst/plan-launch.ts';
import { isCompleting, isPowerDownDue, isPoweredOff } from '../core/burst/reconcile-facts.ts';
import { nodeOfTags } from '../core/burst/tags.ts';
import { EXIT, type ExitCode, Fault, type Refused, refused } from '../core/errors.ts';
import { compressNodelist, expandNodelist, isNodelistError } from '../core/slurm/nodelist.ts';
import type { CloudInstance } from '../ports/cloud.ts';
import type { SlurmNode } from '../ports/slurm.ts';
import { type BurstPorts, nowS } from './steps/burst-ports.ts';
import { deadlineIn } from './steps/deadline.ts';
import { ec2Silent } from './steps/ec2-silent.ts';
import { resetAddresses } from './steps/give-back-nodes.ts';
import { spoolQuietly } from './steps/spool-quietly.ts';
import { recordEnds, type TerminateResult, terminateOnly } from './steps/terminate-instances.ts';

export interface NodeInstance {
  readonly node: string;
  readonly instanceId: string;
}

export interface SuspendResult {
  readonly terminated: readonly NodeInstance[];
  /** Nodes without an instance that could be terminated. */
  readonly alreadyGone: readonly string[];
  readonly failed: readonly (NodeInstance & { readonly code: string })[];
  /** In use again: a resume has overtaken this call. */
  readonly skipped: readonly string[];
  /** Who could not be asked, why, and what to do about it. */
  readonly notes: readonly string[];
  readonly exitCode: ExitCode;
}

/** burst.md SL-7. */
const DEADLINE_MS = 60_000;

/**
 * SuspendProgram: terminates what the nodes run on, by the ledger first and by tags besides, never by
 * address (burst.md 7.6). Twice is once. Without a usable ledger the tags alone decide, and the exit
 * code is 75. VALIDATION_ERROR for a bad nodelist. A dry run says what would be terminated,
 * and 75 when somebody could not be asked.
 */
export async function suspend(
  nodeList: string,
  ports: BurstPorts,
  isDryRun = false,
): Promise<SuspendResult | Refused> {
  const nodes = expandNodelist(nodeList, { unique: true });
  if (isNodelistError(nodes)) {
    return refused('VALIDATION_ERROR', nodes.text);
  }
  if (nodes.length === 0) {
    return refused('VALIDATION_ERROR', 'nodelist is empty');
  }
  const deadline = deadlineIn(ports, DEADLINE_MS);
  ports.cloud.waitUntil(deadline);
  const notes: string[] = [];
  const [states, rows, tagged] = await Promise.all([
    statesOf(nodes, notes, ports),
    rowsOn(nodes, notes, ports),
    taggedWith(nodes, notes, ports),
  ]);
  const off = nodes.filter((node) => isGoing(states?.get(node), rows !== undefined, states));
  const targets = targetsOf(new Set(off), rows, tagged ?? []);
  const ids = [...targets.keys()];
  if (isDryRun) {
    const isKnown = states !== undefined && tagged !== undefined && rows !== undefined;
    return { ...resultOf({ nodes, off }, targets, wouldEnd(ids), isKnown), notes };
  }
  const ends = await terminateOnly(ids, ports, deadline);
  const isRecorded = rows !== undefined && (await record(ends, ports));
  if (!isRecorded) {
    spoolQuietly(ports, 'suspended', {
      at_s: nowS(ports),
      terminated: ends.terminated,
      nodes: off,
    });
  }
  const silenced = off.filter((node) => isSilenced(states, node));
  await resetAddresses(await withoutNews(silenced, targets, ports), ports);
  const result = { ...resultOf({ nodes, off }, targets, ends, isRecorded), notes };
  logResult(result, ports);
  return result;
}

function wouldEnd(ids: readonly string[]): TerminateResult {
  const terminated = ids.map((instanceId) => ({ instanceId, previousState: '' }));
  return { terminated, unknown: [], failed: [] };
}

/** Undefined: slurmctld is silent. */
async function statesOf(
  nodes: readonly string[],
  notes: string[],
  { slurm, log }: BurstPorts,
): Promise<ReadonlyMap<string, SlurmNode> | undefined> {
  try {
    const found = await slurm.nodes(compressNodelist(nodes));
    return new Map(found.map((node) => [node.name, node]));
  } catch (error) {
    notes.push(`slurmctld could not be asked (${logFault(log, 'nodes_unreadable', error)})`);
    return undefined;
  }
}

/** Undefined: the ledger cannot be used. */
async function rowsOn(
  nodes: readonly string[],
  notes: string[],
  { ledger, log }: BurstPorts,
): Promise<readonly NodeInstance[] | undefined> {
  try {
    const { fleet } = await ledger.read({ fleet: { nodes } });
    return fleet.instances.filter(isLive);
  } catch (error) {
    notes.push(`the ledger could not be read (${logFault(log, 'ledger_unusable', error)})`);
    return undefined;
  }
}

/** A node that SLURM still takes for up keeps its address: where its name is in no DNS, a ping of it stalls slurmctld. */
function isSilenced(states: ReadonlyMap<string, SlurmNode> | undefined, name: string): boolean {
  const node = states?.get(name);
  return states === undefined || (node !== undefined && isPoweredOff(node));
}

/** Without the nodes that a later resume has bound meanwhile: their new addresses stay (F8). */
async function withoutNews(
  off: readonly string[],
  targets: ReadonlyMap<string, string>,
  ports: BurstPorts,
): Promise<readonly string[]> {
  const rows = (await rowsOn(off, [], ports)) ?? [];
  const taken = new Set(
    rows.filter(({ instanceId }) => !targets.has(instanceId)).map(({ node }) => node),
  );
  return off.filter((node) => !taken.has(node));
}

const ALIVE: ReadonlySet<string> = new Set(['pending', 'running', 'stopping', 'stopped']);

/** Launched before this call, so that no later resume is meant. Undefined: EC2 is silent. */
async function taggedWith(
  nodes: readonly string[],
  notes: string[],
  ports: BurstPorts,
): Promise<readonly CloudInstance[] | undefined> {
  const beganS = nowS(ports);
  try {
    const cluster = ports.settings.slurm.cluster_name;
    const found = await ports.cloud.instances({ by: 'nodes', cluster, nodes });
    return found.filter(({ state, launchS }) => ALIVE.has(state) && launchS <= beganS);
  } catch (error) {
    const why = logFault(ports.log, 'tags_unreadable', error);
    notes.push(`${ec2Silent(why)}; shown is what the ledger knows`);
    return undefined;
  }
}

const IN_USE: ReadonlySet<string> = new Set(['ALLOCATED', 'MIXED', 'COMPLETING']);

/** With the ledger a node in use is left alone; without it only one that shows it is going is touched. */
function isGoing(
  node: SlurmNode | undefined,
  hasLedger: boolean,
  states: ReadonlyMap<string, SlurmNode> | undefined,
): boolean {
  if (states === undefined) {
    return true;
  }
  const isDown = node !== undefined && (isPoweredOff(node) || isLeaving(node));
  if (!hasLedger) {
    return isDown;
  }
  const isUsed =
    node !== undefined && (IN_USE.has(node.state) || node.flags.includes('POWERING_UP'));
  return isDown || !isUsed;
}

/** Marked `power_down`, and done with its jobs. */
function isLeaving(node: SlurmNode): boolean {
  return isPowerDownDue(node) && !isCompleting(node);
}

/** Instance id → its node. */
function targetsOf(
  off: ReadonlySet<string>,
  rows: readonly NodeInstance[] | undefined,
  tagged: readonly CloudInstance[],
): ReadonlyMap<string, string> {
  const named = tagged.map(({ instanceId, tags }) => ({
    instanceId,
    node: nodeOfTags(tags) ?? '',
  }));
  return new Map(
    [...named, ...(rows ?? [])]
      .filter(({ node }) => off.has(node))
      .map(({ instanceId, node }) => [instanceId, node]),
  );
}

async function record(ends: TerminateResult, ports: BurstPorts): Promise<boolean> {
  try {
    await recordEnds(ends.terminated, ports);
    return true;
  } catch (error) {
    logFault(ports.log, 'ledger_unusable', error);
    return false;
  }
}

function resultOf(
  { nodes, off }: { readonly nodes: readonly string[]; readonly off: readonly string[] },
  targets: ReadonlyMap<string, string>,
  ends: TerminateResult,
  isRecorded: boolean,
): Omit<SuspendResult, 'notes'> {
  const going = new Set(off);
  const known = new Set([...targets.values()]);
  const unknown = ends.unknown.flatMap((id) => targets.get(id) ?? []);
  const failed = ends.failed.map(({ instanceId, code }) => ({
    node: targets.get(instanceId) ?? '',
    instanceId,
    code,
  }));
  return {
    terminated: ends.terminated.map(({ instanceId }) => ({
      node: targets.get(instanceId) ?? '',
      instanceId,
    })),
    alreadyGone: [...off.filter((node) => !known.has(node)), ...unknown],
    failed,
    skipped: nodes.filter((node) => !going.has(node)),
    exitCode: exitCodeOf(failed, isRecorded),
  };
}

function exitCodeOf(failed: SuspendResult['failed'], isRecorded: boolean): ExitCode {
  if (failed.length === 0) {
    return isRecorded ? EXIT.ok : EXIT.tryAgain;
  }
  const isThrottled = failed.every(({ code }) => launchClassOf(code, 0) === 'throttle');
  return isThrottled ? EXIT.tryAgain : EXIT.fault;
}

function logResult(result: SuspendResult, { log }: BurstPorts): void {
  const { terminated, alreadyGone, failed, skipped } = result;
  log.write(failed.length === 0 ? 'info' : 'error', 'suspend_result', {
    terminated: terminated.map(({ node, instanceId }) => `${node}=${instanceId}`).join(','),
    already_gone: alreadyGone.join(','),
    failed: failed.map(({ node, code }) => `${node}=${code}`).join(','),
    skipped: skipped.join(','),
  });
}

/** Returns what is wrong. */
function logFault(log: BurstPorts['log'], event: string, error: unknown): string {
  if (!(error instanceof Fault)) {
    throw error;
  }
  log.write('warn', event, { msg: error.message });
  return error.message;
}
