import type { AbortCause } from '../../core/burst/aborts.ts';
import { assign } from '../../core/burst/assign.ts';
import { launchClassOf, triesNextRung } from '../../core/burst/errors.ts';
import { LAUNCH_CALLS_MAX } from '../../core/burst/ladder.ts';
import type { RungSet } from '../../core/burst/rung-sets.ts';
import { isRefused } from '../../core/errors.ts';
import type { IntentRow } from '../../core/ledger/rows.ts';
import { expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';
import type { BurstPorts } from './burst-ports.ts';
import { coverRate, type Payer, ratesByHold } from './cover-rung.ts';
import { type Deadline, deadlineIn, pause } from './deadline.ts';
import {
  breakersEnd,
  causeOfMisfit,
  causeOfNoRung,
  type LadderWork,
  setsOf,
} from './gang-ladder.ts';
import { type GangWork, type Member, type ReadyPart, withoutGroup } from './gang-work.ts';
import {
  BREAKER_OPEN,
  causeOfFunds,
  causeOfNoPool,
  causeOfRefusal,
  causeOfResult,
  NO_HOLD,
  UNCLEAR,
} from './launch-causes.ts';
import type { LaunchFacts } from './launch-facts.ts';
import { dropIntent, type IntentResult, launchIntent } from './launch-intent.ts';
import { ensurePlacementGroups } from './placement-group.ts';
import { callsOf, partsOfRound, planRound, type Round } from './plan-round.ts';
import { terminateInstances } from './terminate-instances.ts';

/** `members`: what came and stays, not bound yet. `cause`: why not all of it did. */
export interface GangLaunch {
  readonly members: readonly Member[];
  readonly intentIds: readonly number[];
  readonly fleetIds: readonly string[];
  readonly attempt: number;
  readonly cause?: AbortCause | undefined;
  /** Another process has this gang in hand: leave it alone. */
  readonly isTaken: boolean;
  /** A call has no clear answer: instances may show up later. */
  readonly isUnclear: boolean;
}

/** Mutable while the ladder is gone down; one per gang. */
interface Progress extends LadderWork {
  readonly members: Member[];
  readonly intentIds: number[];
  readonly fleetIds: string[];
  attempt: number;
  round: number;
  calls: number;
  throttles: number;
  /** Placement groups that were only a wish have had their failure (burst.md 4.6). */
  isUngrouped: boolean;
  /** Of what came and stays, where all must be in one zone. */
  zone: string | undefined;
  cause: AbortCause | undefined;
  /** Holds as an earlier rung has raised them, by id. */
  readonly raised: Map<number, Payer>;
}

type Step = 'complete' | 'next' | 'again' | 'stop' | 'taken' | 'unclear';

const COMPENSATE_MS = 60_000;
const THROTTLES_MAX = 10;
const THROTTLE_FIRST_MS = 1000;

/**
 * Goes down the ladder until every node has an instance (burst.md 5.4). With rule `all` a partial
 * round is terminated before the next one begins (GANG-2); with `best-effort` what came is kept.
 */
export async function launchGang(
  work: GangWork,
  parts: readonly ReadyPart[],
  facts: LaunchFacts,
  ports: BurstPorts & { readonly deadline: Deadline },
): Promise<GangLaunch> {
  const progress: Progress = {
    work,
    parts,
    facts,
    members: [],
    intentIds: [],
    fleetIds: [],
    attempt: work.attempt,
    round: work.round,
    calls: 0,
    throttles: 0,
    isUngrouped: false,
    zone: work.zone,
    cause: causeOfMisfit(parts, facts),
    raised: new Map(),
  };
  const sets = progress.cause === undefined ? setsOf(progress, ports) : [];
  let at = 0;
  let step: Step = 'next';
  while (step === 'next' || step === 'again') {
    const set = sets[at];
    if (set === undefined) {
      progress.cause ??= causeOfNoRung(progress, ports);
      break;
    }
    step = isElsewhere(progress, set) ? 'next' : await tryRound(progress, set, ports);
    at += step === 'next' ? 1 : 0;
  }
  const cause = step === 'complete' ? undefined : await withExpiry(progress, ports);
  return {
    members: progress.members,
    intentIds: progress.intentIds,
    fleetIds: progress.fleetIds,
    attempt: progress.attempt,
    cause,
    isTaken: step === 'taken',
    isUnclear: step === 'unclear',
  };
}

/** What has just been refused everywhere is not asked for again before the earliest breaker (burst.md 9.5). */
async function withExpiry(progress: Progress, ports: BurstPorts): Promise<AbortCause | undefined> {
  const { cause } = progress;
  const isRefused = cause?.as === 'capacity' || cause?.as === 'addresses' || cause?.as === 'quota';
  return isRefused && cause.retryAtS === undefined && cause.code !== 'Ceiling'
    ? { ...cause, retryAtS: await breakersEnd(progress, ports) }
    : cause;
}

/** What came and stays has set the zone for the rest (GANG-6). */
function isElsewhere({ parts, members, zone }: Progress, set: RungSet): boolean {
  const mayMix = !parts.some(({ recipe }) => recipe.oneZone);
  return !mayMix && members.length > 0 && set.some((rung) => rung.zone !== zone);
}

async function tryRound(
  progress: Progress,
  set: RungSet,
  ports: BurstPorts & { readonly deadline: Deadline },
): Promise<Step> {
  const round = roundOf(progress, set);
  if (round === undefined) {
    progress.cause ??= causeOfNoPool([]);
    return 'next';
  }
  const calls = callsOf(round, ports.settings.burst.batch_size);
  if (progress.calls > 0 && progress.calls + calls > LAUNCH_CALLS_MAX) {
    return 'stop';
  }
  if (ports.deadline.leftMs() === 0) {
    progress.cause ??= causeOfRefusal({ code: 'Deadline', status: 0, message: '' });
    return 'stop';
  }
  if (!(await isCovered(progress, round, ports))) {
    return 'next';
  }
  const planned = await planRound(round, progress.facts, ports);
  switch (planned.kind) {
    case 'taken':
      return 'taken';
    case 'collides':
      progress.attempt += 1;
      return 'again';
    case 'broken':
      progress.cause ??= BREAKER_OPEN;
      return 'next';
    case 'no hold':
      progress.cause = NO_HOLD;
      return 'stop';
    case 'ceiling':
      progress.cause = { code: 'Ceiling', as: 'quota', sentence: planned.refusal.text };
      return 'stop';
    case 'planned':
      progress.zone = set[0]?.zone;
      progress.round += 1;
      progress.calls += calls;
      return await perform(progress, planned.intents, ports);
  }
}

/** Undefined: this rung has not zones enough for one of the parts. */
function roundOf(progress: Progress, set: RungSet): Round | undefined {
  const have = new Set(progress.members.map(({ node }) => node));
  const missing = progress.parts.map((wanted) => ({
    ...(progress.isUngrouped ? withoutGroup(wanted) : wanted),
    nodes: wanted.nodes.filter((node) => !have.has(node)),
  }));
  const parts = partsOfRound(missing, set);
  if (parts === undefined) {
    return undefined;
  }
  const { work, attempt, round, intentIds } = progress;
  return { work, parts, attempt, round, ownIntentIds: [...work.ownIntentIds, ...intentIds] };
}

/** Every hold covers the dearest type of its rung, or is raised to it; else the rung is skipped. */
async function isCovered(progress: Progress, round: Round, ports: BurstPorts): Promise<boolean> {
  for (const { payer, rate } of ratesByHold(round.parts, ports.settings)) {
    const { holdId } = payer.hold;
    const covered = await coverRate(
      progress.raised.get(holdId) ?? payer,
      rate,
      { attempt: round.attempt, rung: round.round },
      ports,
    );
    if (isRefused(covered)) {
      progress.cause = causeOfFunds(covered, progress.cause);
      return false;
    }
    progress.raised.set(holdId, covered);
  }
  return true;
}

async function perform(
  progress: Progress,
  intents: readonly IntentRow[],
  ports: BurstPorts & { readonly deadline: Deadline },
): Promise<Step> {
  progress.intentIds.push(...intents.map(({ intentId }) => intentId));
  const refusal = await ensurePlacementGroups(intents, ports, ports.deadline);
  if (refusal !== undefined) {
    for (const { intentId } of intents) {
      await dropIntent(ports, intentId, refusal.code);
    }
    progress.cause = causeOfRefusal(refusal);
    return triesNextRung(launchClassOf(refusal.code, refusal.status)) ? 'next' : 'stop';
  }
  const results = await Promise.all(
    intents.map((intent) => launchIntent(intent, ports, ports.deadline)),
  );
  return await judge(progress, results, ports);
}

async function judge(
  progress: Progress,
  results: readonly IntentResult[],
  ports: BurstPorts & { readonly deadline: Deadline },
): Promise<Step> {
  const members = results.flatMap(membersOf);
  if (results.some(({ kind }) => kind === 'lost')) {
    keepOfBatch(progress, members);
    return 'taken';
  }
  progress.fleetIds.push(
    ...results.flatMap((result) =>
      result.kind === 'clear' && result.fleetId !== '' ? [result.fleetId] : [],
    ),
  );
  progress.members.push(...members);
  const short = results.find((result) => result.kind === 'clear' && result.code !== '');
  const isUnclear = results.some(({ kind }) => kind === 'unclear');
  if (short === undefined && !isUnclear) {
    return 'complete';
  }
  if (progress.work.note.rule === 'all') {
    await compensate(progress, ports);
  }
  if (isUnclear || short?.kind !== 'clear') {
    progress.cause = UNCLEAR;
    return 'unclear';
  }
  progress.cause = causeOfResult(short);
  if (short.as === 'throttle' && short.came.length === 0 && short.fleetId !== '') {
    return await throttled(progress, ports);
  }
  if (short.as === 'capacity' && dropsGroup(progress)) {
    progress.isUngrouped = true;
    return 'again';
  }
  return triesNextRung(short.as) ? 'next' : 'stop';
}

/** Who has a gang in hand goes on with all of it; of a batch what came is ours. */
function keepOfBatch({ work, members }: Progress, came: readonly Member[]): void {
  if (work.note.rule === 'best-effort') {
    members.push(...came);
  }
}

function dropsGroup({ parts, isUngrouped }: Progress): boolean {
  return !isUngrouped && parts.some((part) => withoutGroup(part) !== part);
}

/** Which node each instance is: the same pairs as in the rows (burst.md 5.9). */
export function membersOf(result: IntentResult): readonly Member[] {
  if (result.kind !== 'clear') {
    return [];
  }
  const nodes = expandNodelist(result.intent.nodes);
  const { intentId } = result.intent;
  return isNodelistError(nodes)
    ? []
    : assign(nodes, result.came).map(({ node, instance }) => ({
        node,
        instanceId: instance.instanceId,
        intentId,
      }));
}

/** Before anything else happens, in the same run (GANG-2). */
async function compensate(progress: Progress, ports: BurstPorts): Promise<void> {
  const ids = progress.members.map(({ instanceId }) => instanceId);
  progress.members.length = 0;
  if (ids.length > 0) {
    ports.log.write('warn', 'gang_compensated', {
      job_id: progress.work.note.jobIds.join(','),
      instances: ids.length,
    });
    const deadline = deadlineIn(
      { clock: ports.clock, stop: { isRequested: false } },
      COMPENSATE_MS,
    );
    await terminateInstances(ids, ports, deadline);
  }
}

/**
 * A fleet that was throttled inside has used up its token: the same rung again, as a new call. A call
 * that was refused as a whole has had its ten tries, or waits for the budget longer than there is time.
 */
async function throttled(
  progress: Progress,
  ports: BurstPorts & { readonly deadline: Deadline },
): Promise<Step> {
  progress.throttles += 1;
  const wait = THROTTLE_FIRST_MS * 2 ** (progress.throttles - 1);
  const mayGoOn = progress.throttles < THROTTLES_MAX && (await pause(ports, wait, ports.deadline));
  return mayGoOn ? 'again' : 'stop';
}
