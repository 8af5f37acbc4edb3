import type { AbortCause } from '../../core/burst/aborts.ts';
import { staleAfterS } from '../../core/burst/complete-rows.ts';
import { launchStepOf } from '../../core/burst/launch.ts';
import { isLive, isOpenIntent } from '../../core/burst/plan-launch.ts';
import { recordLeftBehind } from '../../core/burst/record-abort.ts';
import { clientToken } from '../../core/burst/tokens.ts';
import type { InstanceRow, IntentRow } from '../../core/ledger/rows.ts';
import type { FleetView } from '../../core/ledger/view.ts';
import { expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';
import type { BurstPorts } from './burst-ports.ts';
import { type Deadline, deadlineIn } from './deadline.ts';
import { note } from './decide-burst.ts';
import type { GangPart, Member } from './gang-work.ts';
import { UNCLEAR } from './launch-causes.ts';
import { membersOf } from './launch-gang.ts';
import { launchIntent } from './launch-intent.ts';
import { ensurePlacementGroups } from './placement-group.ts';
import { terminateInstances } from './terminate-instances.ts';

/**
 * Where an earlier call for the same nodes has got to (burst.md CMD-6, F1, F39). `members` came and
 * are not bound yet; `missing` has no instance at all.
 */
export type OpenAttempt =
  | {
      readonly kind: 'open';
      readonly members: readonly Member[];
      readonly missing: readonly string[];
      readonly attempt: number;
      readonly round: number;
      readonly intentIds: readonly number[];
      readonly zone: string | undefined;
      /** Calls of other jobs, whose instances outlived their nodes' last life: not in the way. */
      readonly pastIntentIds: readonly number[];
    }
  | { readonly kind: 'taken'; readonly attempt: number; readonly intentIds: readonly number[] }
  | {
      readonly kind: 'unclear';
      readonly attempt: number;
      readonly intentIds: readonly number[];
      readonly cause: AbortCause;
    };

interface Attempted {
  readonly note: { readonly rule: 'all' | 'best-effort'; readonly jobIds: readonly number[] };
  readonly nodes: readonly string[];
  readonly parts: readonly GangPart[];
}

const MICROS_PER_MS = 1000;
const MICROS_PER_SECOND = 1_000_000;
const MS_PER_SECOND = 1000;
const COMPENSATE_MS = 60_000;

/** Goes on with what was begun; begins nothing. */
export async function openAttempt(
  work: Attempted,
  ports: BurstPorts & { readonly deadline: Deadline },
): Promise<OpenAttempt> {
  const known = await fleetAround(work, ports.ledger);
  const fleet = await withoutStale(known, work, ports);
  const around = fleet.intents.filter(
    (intent) => isOpenIntent(intent) && !intent.aborted && isFor(intent, work),
  );
  const holds = holdsOf(work);
  const begun = around.filter(({ holdId }) => holds.has(holdId));
  const place = await placeOf(fleet, work, begun, ports);
  const intentIds = begun.map(({ intentId }) => intentId);
  const others = around.filter((intent) => !begun.includes(intent));
  const isTaken = others.some((intent) => !isLeftBehind(intent, ports));
  if (isTaken || begun.some((intent) => isInFlight(intent, ports))) {
    return { kind: 'taken', attempt: place.attempt, intentIds };
  }
  await giveUp(others, ports);
  const before = membersBefore(fleet, work);
  const results = await goOn(begun, ports);
  if (results.some(({ kind }) => kind === 'lost')) {
    return { kind: 'taken', attempt: place.attempt, intentIds };
  }
  if (results.some(({ kind }) => kind === 'unclear')) {
    const all = [...intentIds, ...unboundIntents(fleet, before)];
    return { kind: 'unclear', attempt: place.attempt, intentIds: all, cause: UNCLEAR };
  }
  const came = results.flatMap(membersOf).filter(({ node }) => work.nodes.includes(node));
  const members = [...before, ...came];
  const past = await pastRows(fleet, work, ports);
  const pastIntentIds = past.map(({ intentId }) => intentId);
  const up = fleet.instances.filter(
    (row) => isLive(row) && row.state !== 'pending' && !past.includes(row),
  );
  const has = new Set([...members, ...up].map(({ node }) => node));
  const missing = work.nodes.filter((node) => !has.has(node));
  const zone = zoneOfOthers(fleet.instances, work.nodes);
  const own = [...new Set([...intentIds, ...members.map(({ intentId }) => intentId)])];
  if (work.note.rule === 'all' && missing.length > 0 && members.length > 0) {
    await endNow(
      members.map(({ instanceId }) => instanceId),
      ports,
    );
    const unbound = [...missing, ...members.map(({ node }) => node)];
    const rest = { missing: unbound, ...place, intentIds: own, zone, pastIntentIds };
    return { kind: 'open', members: [], ...rest };
  }
  return { kind: 'open', members, missing, ...place, intentIds: own, zone, pastIntentIds };
}

/** Where those members are that are up already (burst.md GANG-6). */
export function zoneOfOthers(
  instances: readonly InstanceRow[],
  nodes: readonly string[],
): string | undefined {
  const others = instances.filter((row) => isLive(row) && row.state !== 'pending');
  return others.find(({ node }) => !nodes.includes(node))?.zone;
}

/** What an aborted attempt left running on these nodes goes first: it must not be taken for theirs. */
async function withoutStale(
  fleet: FleetView,
  work: Attempted,
  ports: BurstPorts,
): Promise<FleetView> {
  const aborted = new Set(
    fleet.intents.filter((intent) => intent.aborted).map(({ intentId }) => intentId),
  );
  const stale = fleet.instances.filter((row) => isLive(row) && aborted.has(row.intentId));
  const ours = stale.filter(({ node }) => work.nodes.includes(node));
  if (ours.length > 0) {
    await endNow(
      ours.map(({ instanceId }) => instanceId),
      ports,
    );
  }
  return { ...fleet, instances: fleet.instances.filter((row) => !stale.includes(row)) };
}

/**
 * Instances that were nodes for other jobs, while SLURM powers these nodes up anew: what ended the nodes'
 * last life did not end them (termination protection, EC2 away). They go, if they can by now.
 */
async function pastRows(
  fleet: FleetView,
  work: Attempted,
  ports: BurstPorts,
): Promise<readonly InstanceRow[]> {
  const holds = holdsOf(work);
  const others = new Set(
    fleet.intents.filter(({ holdId }) => !holds.has(holdId)).map(({ intentId }) => intentId),
  );
  const old = fleet.instances.filter(
    (row) => row.state === 'ready' && others.has(row.intentId) && work.nodes.includes(row.node),
  );
  if (old.length === 0 || holds.has(undefined)) {
    return [];
  }
  const listed = await ports.slurm.nodes(old.map(({ node }) => node).join(','));
  const coming = new Set(
    listed.filter(({ flags }) => flags.includes('POWERING_UP')).map(({ name }) => name),
  );
  const past = old.filter(({ node }) => coming.has(node));
  if (past.length > 0) {
    await endNow(
      past.map(({ instanceId }) => instanceId),
      ports,
    );
  }
  return past;
}

/** By the holds, and by the nodes: the gang's own, and those of its jobs that are up already. */
export async function fleetAround(
  work: Pick<Attempted, 'nodes' | 'parts'>,
  ledger: Pick<BurstPorts['ledger'], 'read'>,
): Promise<FleetView> {
  const holdIds = [...holdsOf(work)].flatMap((holdId) => holdId ?? []);
  const allocated = work.parts.flatMap(({ payers }) =>
    payers.flatMap(({ job }) => {
      const names = expandNodelist(job.nodeList, { unique: true });
      return isNodelistError(names) ? [] : names;
    }),
  );
  const nodes = [...new Set([...work.nodes, ...allocated])];
  const isPool = holdIds.length === 0;
  const view = await ledger.read({
    fleet: { holdIds, nodes, open: isPool, begun: true },
  });
  return view.fleet;
}

/** Whose launches are the gang's own; those of an array's tasks may be one call of the array. */
function holdsOf({ parts }: Pick<Attempted, 'parts'>): ReadonlySet<number | undefined> {
  const payers = parts.flatMap((part) => part.payers.map(({ hold }) => hold));
  const arrays = payers.flatMap(({ parentId }) => parentId ?? []);
  return new Set([
    ...parts.map(({ holdId }) => holdId),
    ...payers.map(({ holdId }) => holdId),
    ...arrays,
  ]);
}

/** No hook can be at it any more (burst.md 9.2). */
function isLeftBehind({ plannedUs, want }: IntentRow, { clock }: BurstPorts): boolean {
  return (clock.nowUs() - plannedUs) / MICROS_PER_SECOND > staleAfterS(want);
}

/** SLURM has given their nodes to this gang; what they may have brought goes with the next reconcile. */
async function giveUp(intents: readonly IntentRow[], ports: BurstPorts): Promise<void> {
  const intentIds = intents.map(({ intentId }) => intentId);
  if (intentIds.length > 0) {
    const what = { verb: 'launch left behind', args: { intents: intentIds } };
    await note(ports, what, { fleet: { intentIds } }, (view) => recordLeftBehind(view, intentIds));
  }
}

function isFor(intent: IntentRow, work: Attempted): boolean {
  const names = expandNodelist(intent.nodes);
  const wanted = new Set(work.nodes);
  return !isNodelistError(names) && names.some((node) => wanted.has(node));
}

/** The open attempt is continued; else 1 + the highest of the same holds (burst.md 5.7). */
async function placeOf(
  fleet: FleetView,
  work: Attempted,
  begun: readonly IntentRow[],
  ports: BurstPorts,
): Promise<{ readonly attempt: number; readonly round: number }> {
  const holds = new Set(work.parts.map(({ holdId }) => holdId));
  const own = fleet.intents.filter((intent) => holds.has(intent.holdId));
  const pending = fleet.instances.filter(
    (row) => row.state === 'pending' && work.nodes.includes(row.node),
  );
  const open = new Set([...begun, ...pending].map(({ intentId }) => intentId));
  const continued = own.filter((intent) => open.has(intent.intentId) && !intent.aborted);
  if (continued.length === 0) {
    const highest = Math.max(0, ...own.map(({ attempt }) => attempt));
    const attempt = holds.has(undefined) ? await poolAttempt(work, ports) : highest + 1;
    return { attempt, round: 0 };
  }
  const attempt = Math.max(...continued.map((intent) => intent.attempt));
  const rounds = own
    .filter((intent) => intent.attempt === attempt)
    .map((intent) => launchStepOf(intent).rung);
  return { attempt, round: Math.max(...rounds) + 1 };
}

/**
 * Nodes without a job have no hold by which their earlier launches could be found: the first attempt
 * whose token is not known.
 */
export async function poolAttempt(
  { parts }: Pick<Attempted, 'parts'>,
  { ledger, settings, hash }: Pick<BurstPorts, 'ledger' | 'settings' | 'hash'>,
): Promise<number> {
  const cluster = settings.slurm.cluster_name;
  for (let attempt = 1; ; attempt += 1) {
    const clientTokens = parts.map(({ holdToken, nodeGroup }) =>
      clientToken({ cluster, holdToken, attempt, rung: 0, batch: 0, nodeGroup }, (text) =>
        hash.sha256(text),
      ),
    );
    const { fleet } = await ledger.read({ fleet: { clientTokens } });
    if (!fleet.intents.some((intent) => clientTokens.includes(intent.clientToken))) {
      return attempt;
    }
  }
}

/**
 * Another process may be waiting for EC2's answer just now; what is older was left behind, and so was
 * what seems to be of later: the clock went back since (F47). Repeating it is safe, its token is the same.
 */
function isInFlight(intent: IntentRow, { clock, settings }: BurstPorts): boolean {
  const patienceMs = settings.aws.request_timeout + settings.burst.reconcile_gap * MS_PER_SECOND;
  const sentUs = intent.sentUs ?? 0;
  const awayMs = Math.abs(clock.nowUs() - sentUs) / MICROS_PER_MS;
  return intent.state === 'sent' && awayMs < patienceMs;
}

async function goOn(
  begun: readonly IntentRow[],
  ports: BurstPorts & { readonly deadline: Deadline },
): Promise<readonly Awaited<ReturnType<typeof launchIntent>>[]> {
  const planned = begun.filter(({ state }) => state === 'planned');
  await ensurePlacementGroups(planned, ports, ports.deadline);
  return await Promise.all(begun.map((intent) => launchIntent(intent, ports, ports.deadline)));
}

function membersBefore(fleet: FleetView, work: Attempted): readonly Member[] {
  return fleet.instances
    .filter((row: InstanceRow) => row.state === 'pending' && work.nodes.includes(row.node))
    .map(({ node, instanceId, intentId }) => ({ node, instanceId, intentId }));
}

/** Calls that have their answer, of which nothing is bound and nothing is another's. */
function unboundIntents(fleet: FleetView, members: readonly Member[]): readonly number[] {
  const ids = new Set(members.map(({ instanceId }) => instanceId));
  const others = fleet.instances.filter((row) => isLive(row) && !ids.has(row.instanceId));
  const kept = new Set(others.map(({ intentId }) => intentId));
  return [...new Set(members.map(({ intentId }) => intentId))].filter((id) => !kept.has(id));
}

async function endNow(ids: readonly string[], ports: BurstPorts): Promise<void> {
  const deadline = deadlineIn({ clock: ports.clock, stop: { isRequested: false } }, COMPENSATE_MS);
  await terminateInstances(ids, ports, deadline);
}
