import { bootNotes, recordBootSuccess } from '../../core/burst/boot-failures.ts';
import { byIntent, completeRows, type ListedInstance } from '../../core/burst/complete-rows.ts';
import { instanceEnd, toldEnd } from '../../core/burst/cost/interval.ts';
import { isLive } from '../../core/burst/plan-launch.ts';
import { ROWS_MAX } from '../../core/burst/record.ts';
import { recordEnded, recordReady, recordSeen } from '../../core/burst/record-instances.ts';
import { heldForS, type Suspects } from '../../core/burst/suspects.ts';
import { Fault } from '../../core/errors.ts';
import type { InstanceRow } from '../../core/ledger/rows.ts';
import type { CloudInstance } from '../../ports/cloud.ts';
import { type BurstPorts, nowS } from './burst-ports.ts';
import { note } from './decide-burst.ts';

/** Rows and call states that a complete listing tells and the ledger does not have. */
export async function writeMissingRows(
  listed: readonly CloudInstance[],
  openIntentIds: readonly number[],
  ports: BurstPorts,
): Promise<number> {
  const groups = byIntent(listed);
  const known = await unknownToLedger(listed, groups, ports);
  const intentIds = [...new Set([...openIntentIds, ...known])];
  let written = 0;
  for (let at = 0; at < intentIds.length; at += INTENTS_MAX) {
    const part = intentIds.slice(at, at + INTENTS_MAX);
    const instanceIds = part.flatMap((id) => (groups.get(id) ?? []).map((each) => each.instanceId));
    written += await note(
      ports,
      { verb: 'reconcile rows', args: { intents: part } },
      { fleet: { intentIds: part, instanceIds } },
      (view) => completeRows(view, groups),
    );
  }
  return written;
}

const INTENTS_MAX = 100;

/** Intents of listed instances that have no row. */
async function unknownToLedger(
  listed: readonly CloudInstance[],
  groups: ReadonlyMap<number, readonly ListedInstance[]>,
  ports: BurstPorts,
): Promise<readonly number[]> {
  const instanceIds = listed.map(({ instanceId }) => instanceId);
  const { fleet } = await ports.ledger.read({ fleet: { instanceIds } });
  const rows = new Set(fleet.instances.map(({ instanceId }) => instanceId));
  return [...groups]
    .filter(([, found]) => found.some(({ instanceId }) => !rows.has(instanceId)))
    .map(([intentId]) => intentId);
}

const OVER: ReadonlySet<string> = new Set(['shutting-down', 'terminated']);
const SECOND_RUN_S = 50;

export interface SeenEnds {
  readonly ended: number;
  /** Keys of rows that are in no listing: remembered until they are met again. */
  readonly vanished: readonly string[];
  /** Taken back by EC2, known for the first time. */
  readonly spot: readonly InstanceRow[];
}

function vanishedKey(row: Pick<InstanceRow, 'instanceId'>): string {
  return `vanished ${row.instanceId}`;
}

/** Times, tags and ends as EC2 tells them; one that is gone without a record is lost at its second miss. */
export async function writeSeen(
  listed: readonly CloudInstance[],
  rows: readonly InstanceRow[],
  suspects: Suspects,
  ports: BurstPorts,
): Promise<SeenEnds> {
  const byId = new Map(listed.map((instance) => [instance.instanceId, instance]));
  await writeFacts(
    rows.flatMap(({ instanceId }) => byId.get(instanceId) ?? []),
    ports,
  );
  const open = rows.filter(({ endCause }) => endCause === '');
  const ended = open.filter(({ instanceId }) => OVER.has(byId.get(instanceId)?.state ?? ''));
  const spot = await spotEnds(ended, byId, ports);
  // Without its spot request nobody knows when EC2 took it back: next run.
  const over = ended.filter(
    ({ instanceId }) => spot !== undefined || !isSilent(byId.get(instanceId)),
  );
  const now = nowS(ports);
  const gone = open.filter(({ instanceId }) => !byId.has(instanceId));
  const lost = gone.filter(
    (row) => (heldForS(suspects, vanishedKey(row), now) ?? 0) >= SECOND_RUN_S,
  );
  const ends = [
    ...over.map((row) => endOf(row, byId.get(row.instanceId), spot?.get(row.instanceId), now)),
    ...lost.map((row) => lostEnd(row, suspects, now)),
  ];
  await writeEnds(ends, ports);
  const taken = new Set(
    ends.filter(({ endCause }) => endCause === 'spot').map(({ instanceId }) => instanceId),
  );
  return {
    ended: ends.length,
    vanished: gone.map(vanishedKey),
    spot: over.filter(({ instanceId }) => taken.has(instanceId)),
  };
}

interface End {
  readonly instanceId: string;
  readonly endS: number;
  readonly endCause: string;
}

function endOf(
  row: InstanceRow,
  instance: CloudInstance | undefined,
  spotUpdatedS: number | undefined,
  now: number,
): End {
  const end = instanceEnd({
    launchS: row.launchS,
    stateTransitionReason: instance?.stateTransitionReason ?? '',
    stateReasonCode: instance?.stateReasonCode ?? '',
    answer: row.endS === undefined ? undefined : { atS: row.endS, previousState: '' },
    spotUpdatedS,
    wasRunning: row.state === 'ready',
    seenS: now,
  });
  return { instanceId: row.instanceId, ...end };
}

/** It was last seen before the run that missed it first. */
function lostEnd(row: InstanceRow, suspects: Suspects, now: number): End {
  const end = instanceEnd({
    launchS: row.launchS,
    stateTransitionReason: '',
    stateReasonCode: '',
    answer: row.endS === undefined ? undefined : { atS: row.endS, previousState: '' },
    wasRunning: row.state === 'ready',
    seenS: suspects[vanishedKey(row)] ?? now,
    isLost: true,
  });
  return { instanceId: row.instanceId, ...end };
}

/** EC2 tells no time when it takes a spot instance back; its spot request does (COST-2). */
function isSilent(instance: CloudInstance | undefined): boolean {
  return (
    instance?.stateReasonCode === 'Server.SpotInstanceTermination' &&
    toldEnd(instance.stateTransitionReason) === undefined
  );
}

/** By instance; undefined: EC2 could not be asked. */
async function spotEnds(
  ended: readonly InstanceRow[],
  byId: ReadonlyMap<string, CloudInstance>,
  { cloud, log }: BurstPorts,
): Promise<ReadonlyMap<string, number> | undefined> {
  const requests = ended.flatMap(({ instanceId }) => {
    const instance = byId.get(instanceId);
    return isSilent(instance) ? [instance?.spotRequestId ?? ''] : [];
  });
  const ids = requests.filter((id) => id !== '');
  try {
    const found = ids.length === 0 ? [] : await cloud.spotRequests(ids);
    return new Map(
      found.flatMap(({ instanceId, statusUpdatedS }) =>
        statusUpdatedS === undefined ? [] : [[instanceId, statusUpdatedS] as const],
      ),
    );
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('warn', 'spot_requests_unreadable', { msg: error.message });
    return undefined;
  }
}

async function writeFacts(seen: readonly CloudInstance[], ports: BurstPorts): Promise<void> {
  for (let at = 0; at < seen.length; at += ROWS_MAX) {
    const part = seen.slice(at, at + ROWS_MAX);
    const instanceIds = part.map(({ instanceId }) => instanceId);
    const what = { verb: 'reconcile seen', args: { instances: instanceIds.length } };
    await note(ports, what, { fleet: { instanceIds, usage: true } }, (view) =>
      recordSeen(view, part),
    );
  }
}

async function writeEnds(ends: readonly End[], ports: BurstPorts): Promise<void> {
  for (let at = 0; at < ends.length; at += ROWS_MAX) {
    const part = ends.slice(at, at + ROWS_MAX);
    const instanceIds = part.map(({ instanceId }) => instanceId);
    const what = { verb: 'reconcile ended', args: { instances: instanceIds } };
    await note(ports, what, { fleet: { instanceIds } }, (view) => recordEnded(view, part));
  }
}

/** Nodes that slurmd has registered: their instances are ready, their partition boots again. */
export async function writeReady(
  rows: readonly InstanceRow[],
  partitionsOf: (node: string) => readonly string[],
  ports: BurstPorts,
): Promise<void> {
  const fresh = rows.filter(
    (row) => isLive(row) && (row.state === 'bound' || row.state === 'pending'),
  );
  for (let at = 0; at < fresh.length; at += ROWS_MAX) {
    const instanceIds = fresh.slice(at, at + ROWS_MAX).map(({ instanceId }) => instanceId);
    const what = { verb: 'nodes ready', args: { instances: instanceIds } };
    await note(ports, what, { fleet: { instanceIds } }, (view) => recordReady(view, instanceIds));
  }
  if (fresh.length > 0) {
    const partitions = [...new Set(fresh.flatMap(({ node }) => partitionsOf(node)))];
    const what = { verb: 'boot succeeded', args: { partitions } };
    const query = { notes: bootNotes(ports.settings.slurm.cluster_name) };
    await note(ports, what, query, (view) => recordBootSuccess(view, partitions, fresh));
  }
}
