import { launchStepOf } from '../core/burst/launch.ts';
import { nodePlace } from '../core/burst/node-names.ts';
import { isLive, isOpenIntent } from '../core/burst/plan-launch.ts';
import { isUp } from '../core/burst/reconcile-facts.ts';
import { type NodeVerdict, reconcilePlan } from '../core/burst/reconcile-plan.ts';
import {
  metAgain,
  parseSuspects,
  type Suspects,
  suspectsNote,
  suspectsText,
} from '../core/burst/suspects.ts';
import { intentOfTags, nodeOfTags } from '../core/burst/tags.ts';
import { EXIT, type ExitCode, Fault } from '../core/errors.ts';
import type { FleetView } from '../core/ledger/view.ts';
import { isOver } from '../core/slurm/job-state.ts';
import { expandNodelist, isNodelistError } from '../core/slurm/nodelist.ts';
import type { CloudInstance } from '../ports/cloud.ts';
import type { QueuedJob } from '../ports/slurm.ts';
import type { Locks } from '../ports/system.ts';
import { type BurstPorts, nowS } from './steps/burst-ports.ts';
import { note } from './steps/decide-burst.ts';
import { performVerdicts } from './steps/perform-verdicts.ts';
import { type Listings, reconcileListings } from './steps/reconcile-listings.ts';
import { writeMissingRows, writeReady, writeSeen } from './steps/reconcile-rows.ts';

export interface ReconcileOptions {
  /** Looks and tells, does nothing. */
  readonly isDryRun?: boolean;
  /** Terminates instances with our cluster's tag that no intent of this ledger launched. */
  readonly killsOrphans?: boolean;
}

export interface ReconcileResult {
  /** `running`: another run has the lock. `looked`: nothing destructive was done. */
  readonly state: 'running' | 'done' | 'looked';
  readonly verdicts: readonly NodeVerdict[];
  /** Why nothing destructive was done. */
  readonly problems: readonly string[];
  /** Instances with our tag that this ledger does not know. */
  readonly foreign: readonly string[];
  readonly rowsWritten: number;
  readonly ended: number;
  readonly groupsDeleted: number;
  readonly exitCode: ExitCode;
}

const NOTHING = {
  verdicts: [],
  problems: [],
  foreign: [],
  rowsWritten: 0,
  ended: 0,
  groupsDeleted: 0,
} as const;

const LOCK = 'reconcile';

/**
 * Node truth (burst.md 9): compares what SLURM runs, what EC2 has and what the ledger intended, and
 * repairs. Under a lock: a second run ends at once. A listing that is not complete leads to nothing
 * destructive and exit code 75.
 */
export async function nodesReconcile(
  options: ReconcileOptions,
  ports: BurstPorts & { readonly locks: Locks },
): Promise<ReconcileResult> {
  const lock = ports.locks.take(LOCK);
  if (lock === undefined) {
    ports.log.write('info', 'reconcile_already_running', {});
    return { ...NOTHING, state: 'running', exitCode: EXIT.ok };
  }
  try {
    return await reconcile(options, ports);
  } finally {
    lock.release();
  }
}

/** No burst partitions, and nothing left of earlier ones: there is nothing to ask EC2 for. */
async function hasNoNodes(ports: BurstPorts): Promise<boolean> {
  if (ports.settings.slurm.partitions.length > 0) {
    return false;
  }
  const { intents, instances } = await openFleet(ports);
  return !(intents.some(isOpenIntent) || instances.some(isLive));
}

async function reconcile(options: ReconcileOptions, ports: BurstPorts): Promise<ReconcileResult> {
  if (await hasNoNodes(ports)) {
    return { ...NOTHING, state: 'done', exitCode: EXIT.ok };
  }
  const listings = await reconcileListings(ports);
  const cluster = ports.settings.slurm.cluster_name;
  const before = parseSuspects(listings.view.notes[suspectsNote(cluster)]);
  const isDryRun = options.isDryRun === true;
  const { instances } = listings;
  if (instances === undefined) {
    return looked(listings, NOTHING, ports);
  }
  const rowsWritten = isDryRun ? 0 : await writeRows(instances, listings, ports);
  const fleet = rowsWritten === 0 ? listings.view.fleet : await openFleet(ports);
  const strays = await straysOf(instances, fleet, ports);
  const plan = reconcilePlan({
    nowS: nowS(ports),
    nodes: listings.nodes,
    jobsOn: jobsByNode(listings.queue),
    fleet,
    states: new Map(instances.map(({ instanceId, state }) => [instanceId, state])),
    strayNodes: new Set(strays.foreign.flatMap(({ tags }) => nodeOfTags(tags) ?? [])),
    suspects: before,
    partitions: ports.settings.slurm.partitions,
    orphanGraceS: ports.settings.burst.orphan_grace,
    killsOrphans: options.killsOrphans === true,
  });
  const facts = {
    verdicts: plan.verdicts.filter(({ acts }) => acts.length > 0),
    foreign: strays.foreign.map(({ instanceId }) => instanceId),
    rowsWritten,
  };
  if (isDryRun) {
    return looked(listings, facts, ports);
  }
  const seen = await writeSeen(instances, fleet.instances, before, ports);
  if (listings.problems.length > 0) {
    return looked(listings, { ...facts, ended: seen.ended }, ports);
  }
  await writeReady(readyRows(fleet, listings), (node) => partitionOf(node, ports), ports);
  await performVerdicts(plan.verdicts, { fleet, strays, options }, ports);
  const groupsDeleted = await sweepGroups(listings.groups, fleet, ports);
  await remember(
    metAgain(before, [...plan.suspects, ...seen.vanished], nowS(ports)),
    before,
    ports,
  );
  tell(facts, ports);
  return {
    ...NOTHING,
    ...facts,
    ended: seen.ended,
    groupsDeleted,
    state: 'done',
    exitCode: EXIT.ok,
  };
}

async function writeRows(
  instances: readonly CloudInstance[],
  { view }: Listings,
  ports: BurstPorts,
): Promise<number> {
  const open = view.fleet.intents.filter(isOpenIntent).map(({ intentId }) => intentId);
  return await writeMissingRows(instances, open, ports);
}

async function openFleet({ ledger }: BurstPorts): Promise<FleetView> {
  return (await ledger.read({ fleet: { open: true } })).fleet;
}

/** Only looked: an incomplete listing, or asked not to act. */
function looked(
  { problems }: Listings,
  facts: Partial<ReconcileResult>,
  ports: BurstPorts,
): ReconcileResult {
  for (const msg of problems) {
    ports.log.write('error', 'reconcile_incomplete', { msg });
  }
  return {
    ...NOTHING,
    ...facts,
    problems,
    state: 'looked',
    exitCode: problems.length === 0 ? EXIT.ok : EXIT.tryAgain,
  };
}

function jobsByNode(queue: readonly QueuedJob[]): ReadonlyMap<string, readonly number[]> {
  const jobs = new Map<string, number[]>();
  for (const job of queue.filter(({ state, nodeList }) => nodeList !== '' && !isOver(state))) {
    const nodes = expandNodelist(job.nodeList, { unique: true });
    for (const node of isNodelistError(nodes) ? [] : nodes) {
      jobs.set(node, [...(jobs.get(node) ?? []), job.jobId]);
    }
  }
  return jobs;
}

/** Instances with our cluster's tag that have no row. */
export interface Strays {
  /** Their intent is not in this ledger: another's, or nobody's (burst.md F53). */
  readonly foreign: readonly CloudInstance[];
  /** Of a known intent, but more than it asked for. */
  readonly surplus: readonly CloudInstance[];
}

const ALIVE: ReadonlySet<string> = new Set(['pending', 'running', 'stopping', 'stopped']);

async function straysOf(
  instances: readonly CloudInstance[],
  fleet: FleetView,
  { ledger }: BurstPorts,
): Promise<Strays> {
  const known = new Set(fleet.instances.map(({ instanceId }) => instanceId));
  const alive = instances.filter(
    ({ instanceId, state }) => ALIVE.has(state) && !known.has(instanceId),
  );
  if (alive.length === 0) {
    return { foreign: [], surplus: [] };
  }
  const intentIds = alive.flatMap(({ tags }) => intentOfTags(tags) ?? []);
  const instanceIds = alive.map(({ instanceId }) => instanceId);
  const found = (await ledger.read({ fleet: { intentIds, instanceIds } })).fleet;
  const ours = new Map(found.intents.map((intent) => [intent.intentId, intent]));
  const rows = new Set(found.instances.map(({ instanceId }) => instanceId));
  const rowless = alive.filter(({ instanceId }) => !rows.has(instanceId));
  return {
    foreign: rowless.filter(({ tags }) => !ours.has(intentOfTags(tags) ?? 0)),
    surplus: rowless.filter(({ tags }) => {
      const intent = ours.get(intentOfTags(tags) ?? 0);
      return intent !== undefined && !isOpenIntent(intent);
    }),
  };
}

function readyRows(fleet: FleetView, { nodes }: Listings): FleetView['instances'] {
  const up = new Set(nodes.filter(isUp).map(({ name }) => name));
  return fleet.instances.filter((row) => isLive(row) && row.state === 'bound' && up.has(row.node));
}

function partitionOf(node: string, { settings }: BurstPorts): readonly string[] {
  const place = nodePlace(settings.slurm.partitions, node);
  return place === undefined ? [] : [place.partition];
}

/** Groups that no open launch and no living instance names (burst.md 4.6). */
async function sweepGroups(
  groups: readonly string[],
  fleet: FleetView,
  ports: BurstPorts,
): Promise<number> {
  const living = new Set(fleet.instances.filter(isLive).map(({ intentId }) => intentId));
  const used = new Set(
    fleet.intents
      .filter((intent) => isOpenIntent(intent) || living.has(intent.intentId))
      .map((intent) => launchStepOf(intent).request.placementGroup),
  );
  let deleted = 0;
  for (const name of groups.filter((group) => !used.has(group))) {
    deleted += (await deleteGroup(name, ports)) ? 1 : 0;
  }
  return deleted;
}

async function deleteGroup(name: string, { cloud, log }: BurstPorts): Promise<boolean> {
  try {
    return await cloud.deletePlacementGroup(name);
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('warn', 'group_not_deleted', { group: name, msg: error.message });
    return false;
  }
}

async function remember(after: Suspects, before: Suspects, ports: BurstPorts): Promise<void> {
  const text = suspectsText(after);
  if (text === suspectsText(before)) {
    return;
  }
  const name = suspectsNote(ports.settings.slurm.cluster_name);
  const count = Object.keys(after).length;
  await note(ports, { verb: 'reconcile suspects', args: { count } }, {}, () => ({
    changes: [{ change: 'putNote', name, value: text }],
    answer: count,
  }));
}

function tell(
  facts: { readonly verdicts: readonly NodeVerdict[]; readonly foreign: readonly string[] },
  { log }: BurstPorts,
): void {
  for (const { node, kind, instance, acts, row } of facts.verdicts) {
    const isAlert = acts.includes('alert') || acts.includes('unfit');
    log.write(isAlert ? 'error' : 'info', 'node_reconciled', {
      node,
      kind,
      instance,
      acts: acts.join(','),
      instance_id: row?.instanceId,
    });
  }
  if (facts.foreign.length > 0) {
    log.write('error', 'foreign_instances', { instances: facts.foreign.join(',') });
  }
}
