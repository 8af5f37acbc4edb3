import { nodePlace } from '../core/burst/node-names.ts';
import { isLive, isOpenIntent } from '../core/burst/plan-launch.ts';
import { isUp } from '../core/burst/reconcile-facts.ts';
import {
  type NodeVerdict,
  type ReconcilePlan,
  reconcilePlan,
} from '../core/burst/reconcile-plan.ts';
import {
  heldForS,
  metAgain,
  parseSuspects,
  type Suspects,
  suspectsNote,
  suspectsText,
  without,
} from '../core/burst/suspects.ts';
import { EXIT, type ExitCode } from '../core/errors.ts';
import type { FleetView } from '../core/ledger/view.ts';
import { isOver } from '../core/slurm/job-state.ts';
import { jobsByNode } from '../core/slurm/jobs-by-node.ts';
import type { CloudInstance } from '../ports/cloud.ts';
import type { Locks } from '../ports/system.ts';
import { type BurstPorts, nowS } from './steps/burst-ports.ts';
import { note } from './steps/decide-burst.ts';
import { finishBinds } from './steps/finish-binds.ts';
import { forgetAborts } from './steps/forget-aborts.ts';
import { learnVolumes } from './steps/known-volumes.ts';
import { noteInterruptions } from './steps/note-interruptions.ts';
import { performVerdicts } from './steps/perform-verdicts.ts';
import { planLimits } from './steps/plan-limits.ts';
import { protectPartitions } from './steps/protect-partitions.ts';
import { type Listings, reconcileListings, withUnlisted } from './steps/reconcile-listings.ts';
import { heard, reconcileNews } from './steps/reconcile-news.ts';
import { writeMissingRows, writeReady, writeSeen } from './steps/reconcile-rows.ts';
import { type Strays, straysByNode, straysOf } from './steps/reconcile-strays.ts';
import { sweepGroups } from './steps/sweep-groups.ts';
import { tellJobs } from './steps/tell-jobs.ts';

export interface ReconcileOptions {
  /** Looks and tells, does nothing. */
  readonly isDryRun?: boolean;
  /** Terminates instances with our cluster's tag that no intent of this ledger launched. */
  readonly killsOrphans?: boolean;
  /** The ledger came from a backup: such instances become its own, none is terminated (F46). */
  readonly isRestored?: boolean;
}

export interface ReconcileResult {
  /** `running`: another run has the lock. `looked`: nothing destructive was done. */
  readonly state: 'running' | 'done' | 'looked';
  readonly verdicts: readonly NodeVerdict[];
  /** Why nothing destructive was done. */
  readonly problems: readonly string[];
  /** Instances with our tag that this ledger does not know, and those of the program before it. */
  readonly foreign: readonly string[];
  readonly rowsWritten: number;
  readonly ended: number;
  readonly adopted: number;
  readonly groupsDeleted: number;
  /** Partitions closed because their nodes boot in vain. */
  readonly protectedNow: readonly string[];
  readonly exitCode: ExitCode;
}

const NOTHING = {
  verdicts: [],
  problems: [],
  foreign: [],
  rowsWritten: 0,
  ended: 0,
  adopted: 0,
  groupsDeleted: 0,
  protectedNow: [],
} as const;

const LOCK = 'reconcile';
const LEGACY = 'legacy listed';
const LEGACY_EVERY_S = 3600;

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
  if (options.isDryRun !== true) {
    await tellJobs(ports, { waitMs: 0 });
  }
  if (await hasNoNodes(ports)) {
    return { ...NOTHING, state: 'done', exitCode: EXIT.ok };
  }
  const listings = await reconcileListings(ports);
  const { instances } = listings;
  if (instances === undefined || listings.isClockOff) {
    return looked(listings, NOTHING, ports);
  }
  const before = parseSuspects(
    listings.view.notes[suspectsNote(ports.settings.slurm.cluster_name)],
  );
  const isDryRun = options.isDryRun === true;
  const rowsWritten = isDryRun ? 0 : await writeRows(instances, listings, ports);
  const fleet = rowsWritten === 0 ? listings.view.fleet : await openFleet(ports);
  const known = await withUnlisted({ ...listings, instances }, fleet, ports);
  const seen = await look({ listings: known, fleet, before, options }, ports);
  const facts = {
    verdicts: seen.plan.verdicts.filter(({ acts }) => acts.length > 0),
    foreign: [...seen.strays.foreign, ...seen.legacy].map(({ instanceId }) => instanceId),
    rowsWritten,
  };
  if (isDryRun) {
    return looked(known, facts, ports);
  }
  const ends = await writeSeen(known.instances, fleet.instances, before, ports);
  await noteInterruptions(ends.spot, { intents: fleet.intents, jobsOn: seen.jobsOn }, ports);
  const outcome = { ...facts, ended: ends.ended };
  if (known.problems.length > 0) {
    return looked(known, outcome, ports);
  }
  const done = await perform({ listings: known, fleet, seen, options }, ports);
  await planLimits(fleet, known.queue, ports);
  await learnVolumes(ports);
  const forgotten = seen.isLegacyDue ? without(before, LEGACY) : before;
  const keys = [...seen.plan.suspects, ...ends.vanished, LEGACY];
  await remember(metAgain(forgotten, keys, nowS(ports)), before, ports);
  tell(facts, ports);
  return { ...NOTHING, ...outcome, ...done, state: 'done', exitCode: EXIT.ok };
}

type Complete = Listings & { readonly instances: readonly CloudInstance[] };

interface Looking {
  readonly listings: Complete;
  readonly fleet: FleetView;
  readonly before: Suspects;
  readonly options: ReconcileOptions;
}

interface Seen {
  readonly plan: ReconcilePlan;
  readonly strays: Strays;
  readonly jobsOn: ReadonlyMap<string, readonly number[]>;
  /** Instances of the program before this one: told of, never touched. */
  readonly legacy: readonly CloudInstance[];
  readonly isLegacyDue: boolean;
}

/** What every node is due. */
async function look(of: Looking, ports: BurstPorts): Promise<Seen> {
  const { listings, fleet, before, options } = of;
  const { slurm, burst } = ports.settings;
  const strays = await straysOf(listings.instances, fleet, ports);
  const jobsOn = jobsByNode(listings.queue.filter(({ state }) => !isOver(state)));
  // Once an hour it takes the place of the three health listings: at most ten calls for 5,000 nodes.
  const isLegacyDue = (heldForS(before, LEGACY, nowS(ports)) ?? LEGACY_EVERY_S) >= LEGACY_EVERY_S;
  const legacy = isLegacyDue ? await legacyInstances(ports) : [];
  const news = await reconcileNews(fleet, { hasHealth: !isLegacyDue }, ports);
  const plan = reconcilePlan({
    nowS: nowS(ports),
    nodes: listings.nodes,
    jobsOn,
    fleet,
    states: new Map(listings.instances.map(({ instanceId, state }) => [instanceId, state])),
    strays: straysByNode(strays.foreign),
    news,
    suspects: before,
    partitions: slurm.partitions,
    bootTimeoutS: slurm.resume_timeout,
    orphanGraceS: burst.orphan_grace,
    spotNotice: burst.spot_notice ?? 'signal',
    killsOrphans: options.killsOrphans === true,
    isRestored: options.isRestored === true,
  });
  return { plan, strays, jobsOn, legacy, isLegacyDue };
}

interface Performing {
  readonly listings: Complete;
  readonly fleet: FleetView;
  readonly seen: Seen;
  readonly options: ReconcileOptions;
}

async function perform(
  { listings, fleet, seen, options }: Performing,
  ports: BurstPorts,
): Promise<Pick<ReconcileResult, 'adopted' | 'groupsDeleted' | 'protectedNow'>> {
  const { plan, strays } = seen;
  await finishBinds(fleet, listings, ports);
  await writeReady(readyRows(fleet, listings), (node) => partitionOf(node, ports), ports);
  await forgetAborts(listings, ports);
  const adopted = await performVerdicts(
    plan.verdicts,
    { fleet, strays, options, firstNewIntentId: listings.firstNewIntentId },
    ports,
  );
  return {
    adopted,
    groupsDeleted: await sweepGroups(listings.groups, fleet, ports),
    protectedNow: await protectPartitions(listings.queue, ports),
  };
}

/** Without an answer nobody is told of them; the next hour asks again. */
async function legacyInstances(ports: BurstPorts): Promise<readonly CloudInstance[]> {
  const found = await heard('legacy_unknown', ports.cloud.instances({ by: 'legacy' }), ports);
  return found.filter(({ state }) => state !== 'terminated' && state !== 'shutting-down');
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

function readyRows(fleet: FleetView, { nodes }: Listings): FleetView['instances'] {
  const up = new Set(nodes.filter(isUp).map(({ name }) => name));
  return fleet.instances.filter((row) => isLive(row) && row.state === 'bound' && up.has(row.node));
}

function partitionOf(node: string, { settings }: BurstPorts): readonly string[] {
  const place = nodePlace(settings.slurm.partitions, node);
  return place === undefined ? [] : [place.partition];
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
