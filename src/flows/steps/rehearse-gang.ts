import type { AbortCause } from '../../core/burst/aborts.ts';
import type { Gang } from '../../core/burst/gangs.ts';
import { type LaunchStep, launchStepOf } from '../../core/burst/launch.ts';
import type { NodePlace } from '../../core/burst/node-names.ts';
import { isLive, planLaunch, planQuery } from '../../core/burst/plan-launch.ts';
import type { RungSet } from '../../core/burst/rung-sets.ts';
import { isRefused } from '../../core/errors.ts';
import { taskAmountOf } from '../../core/ledger/extend-hold.ts';
import type { HoldRow, IntentRow } from '../../core/ledger/rows.ts';
import { type Money, sum, ZERO } from '../../core/money/money.ts';
import { holdAmount, type Rate } from '../../core/money/rate.ts';
import { compressNodelist, expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';
import type { DescribedLaunch } from '../../ports/cloud.ts';
import type { SlurmJob } from '../../ports/slurm.ts';
import { coverRate, nodeRate, type Payer, ratesByHold } from './cover-rung.ts';
import { causeOfMisfit, causeOfNoRung, setsOf } from './gang-ladder.ts';
import { gangParts, poolParts, readyParts } from './gang-parts.ts';
import { isPayer, payerOfJob } from './gang-payers.ts';
import { type GangPart, type GangWork, plannedNote, type ReadyPart } from './gang-work.ts';
import { BREAKER_OPEN, causeOfFunds, causeOfNoPool, NO_HOLD } from './launch-causes.ts';
import { isCause, type LaunchFacts } from './launch-facts.ts';
import { fleetAround, poolAttempt, zoneOfOthers } from './open-attempt.ts';
import { partsOfRound, planOf, type Round } from './plan-round.ts';
import { plannedParts } from './planned-parts.ts';
import type { ResumePorts } from './resume-gang.ts';

// What a gang's resume would ask of EC2 and of the ledger first, with the very functions that do it.
// The ledger behind these ports keeps what is decided in memory.

/** One launch call as it would be sent. */
export interface RehearsedCall extends DescribedLaunch {
  readonly nodes: readonly string[];
  readonly step: LaunchStep;
  /** EC2's answer to the call with DryRun: '' allowed; undefined: not asked. */
  readonly permission: string | undefined;
}

export interface RehearsedHold {
  readonly jobId: number;
  readonly account: string;
  readonly token: string;
  readonly now: Money;
  /** What it must be before the first call; the same as now when it covers. */
  readonly needed: Money;
}

export interface RehearsedGang {
  readonly jobIds: readonly number[];
  readonly rule: Gang['rule'];
  readonly nodes: readonly string[];
  /** Of these, with an instance already: nothing is launched for them. */
  readonly already: readonly string[];
  readonly calls: readonly RehearsedCall[];
  /** Later rungs, should these calls fail, in their order: `on-demand us-east-1b c5.xlarge`. */
  readonly laterRungs: readonly string[];
  readonly holds: readonly RehearsedHold[];
  /** At the dearest type that may come, which is what the hold covers. */
  readonly perHour: Money;
  /** For the time limit; undefined without one. */
  readonly forLimit: Money | undefined;
  /** Why nothing would be launched. */
  readonly cause?: AbortCause | undefined;
}

export interface RehearsalAsk {
  readonly gang: Gang;
  readonly jobs: ReadonlyMap<number, SlurmJob>;
  readonly places: ReadonlyMap<string, NodePlace>;
  readonly asksPermission: boolean;
}

export async function rehearseGang(
  ask: RehearsalAsk,
  facts: LaunchFacts,
  ports: ResumePorts,
): Promise<RehearsedGang> {
  const payers: Payer[] = [];
  for (const { jobId } of ask.gang.jobs) {
    const job = ask.jobs.get(jobId);
    const payer = job === undefined ? NO_ANSWER : await payerOfJob(job, ports);
    if (!isPayer(payer)) {
      return { ...nothing(ask.gang), cause: payer };
    }
    payers.push(payer);
  }
  const owned = payers.map((payer) => {
    const own = ask.gang.jobs.find(({ jobId }) => jobId === payer.job.jobId)?.nodes ?? [];
    return { payer, nodes: own.flatMap((node) => ask.places.get(node) ?? []) };
  });
  const parts = gangParts(owned, ask.gang.rule === 'best-effort');
  return await rehearseParts({ gang: ask.gang, parts, ask }, facts, ports);
}

/** Nodes that no job asked for, under `cost.pool_account` (SL-3). */
export async function rehearsePool(
  places: readonly NodePlace[],
  account: string,
  ask: Pick<RehearsalAsk, 'asksPermission'>,
  { facts, ports }: { readonly facts: LaunchFacts; readonly ports: ResumePorts },
): Promise<RehearsedGang> {
  const gang: Gang = { rule: 'best-effort', jobs: [], nodes: places.map(({ node }) => node) };
  return await rehearseParts({ gang, parts: poolParts(places, account), ask }, facts, ports);
}

const NO_ANSWER: AbortCause = {
  code: 'NoAnswer',
  as: 'slurm',
  sentence: 'no answer from slurmctld',
};

export function nothing({ rule, jobs, nodes }: Gang): RehearsedGang {
  return {
    jobIds: jobs.map(({ jobId }) => jobId),
    rule,
    nodes,
    already: [],
    calls: [],
    laterRungs: [],
    holds: [],
    perHour: ZERO,
    forLimit: undefined,
  };
}

interface Rehearsal {
  readonly gang: Gang;
  readonly parts: readonly GangPart[];
  readonly ask: Pick<RehearsalAsk, 'asksPermission'>;
}

async function rehearseParts(
  { gang, parts: all, ask }: Rehearsal,
  known: LaunchFacts,
  ports: ResumePorts,
): Promise<RehearsedGang> {
  const { work, already } = await workOf(gang, all, ports);
  const told = { ...nothing(gang), already };
  if (work.parts.length === 0) {
    return told;
  }
  const parts = await readyParts(work.parts, known, ports);
  if (isCause(parts)) {
    return { ...told, cause: parts };
  }
  const planned = await plannedParts(parts, known, ports);
  if (isCause(planned)) {
    return { ...told, cause: planned };
  }
  const note = plannedNote(work.note, planned.parts);
  const { rule } = note;
  return await rehearseRound(
    { work: { ...work, note }, ...planned, ask, told: { ...told, rule } },
    ports,
  );
}

interface Launchable {
  readonly work: GangWork;
  readonly parts: readonly ReadyPart[];
  readonly facts: LaunchFacts;
  readonly ask: Rehearsal['ask'];
  readonly told: RehearsedGang;
}

/** The first round of the ladder, and the names of the others. */
async function rehearseRound(
  { work, parts, facts, ask, told }: Launchable,
  ports: ResumePorts,
): Promise<RehearsedGang> {
  const misfit = causeOfMisfit(parts, facts);
  const sets = misfit === undefined ? setsOf({ work, parts, facts }, ports) : [];
  const [first, ...later] = sets;
  if (first === undefined) {
    return { ...told, cause: misfit ?? causeOfNoRung({ work, parts, facts }, ports) };
  }
  const shares = partsOfRound(parts, first);
  if (shares === undefined) {
    return { ...told, cause: causeOfNoPool([]) };
  }
  const { attempt } = work;
  const round: Round = { work, parts: shares, attempt, round: 0, ownIntentIds: [] };
  const money = await moneyOf(round, ports);
  if (money.cause !== undefined) {
    return { ...told, ...money };
  }
  const planned = await intentsOf(round, facts, ports);
  if (isCause(planned)) {
    return { ...told, ...money, cause: planned };
  }
  const calls: RehearsedCall[] = [];
  for (const intent of planned) {
    calls.push(await callOf(intent, ask.asksPermission, ports));
  }
  return { ...told, ...money, calls, laterRungs: later.map(rungWords) };
}

/** What is left to do, and what has been done before (CMD-6). */
async function workOf(
  gang: Gang,
  parts: readonly GangPart[],
  ports: ResumePorts,
): Promise<{ readonly work: GangWork; readonly already: readonly string[] }> {
  const holdIds = parts.flatMap(({ holdId }) => holdId ?? []);
  const fleet = await fleetAround({ nodes: gang.nodes, parts }, ports.ledger);
  const aborted = new Set(
    fleet.intents.filter((intent) => intent.aborted).map(({ intentId }) => intentId),
  );
  const kept = fleet.instances.filter((row) => !aborted.has(row.intentId));
  const up = new Set(kept.filter(isLive).map(({ node }) => node));
  const holds = new Set(holdIds);
  const earlier = fleet.intents.filter(({ holdId }) => holdId !== undefined && holds.has(holdId));
  const highest = Math.max(0, ...earlier.map(({ attempt }) => attempt));
  const jobIds = gang.jobs.map(({ jobId }) => jobId);
  const missing = parts
    .map((part) => ({ ...part, nodes: part.nodes.filter((node) => !up.has(node)) }))
    .filter(({ nodes }) => nodes.length > 0);
  return {
    work: {
      note: { rule: gang.rule, jobIds, nodes: compressNodelist(gang.nodes) },
      parts: missing,
      attempt: gang.jobs.length === 0 ? await poolAttempt({ parts }, ports) : highest + 1,
      round: 0,
      ownIntentIds: [],
      zone: zoneOfOthers(kept, gang.nodes),
      resumeFile: '',
    },
    already: gang.nodes.filter((node) => up.has(node)),
  };
}

type MoneyFacts = Pick<RehearsedGang, 'holds' | 'perHour' | 'forLimit' | 'cause'>;

async function moneyOf(round: Round, ports: ResumePorts): Promise<MoneyFacts> {
  const holds = new Map<string, RehearsedHold>();
  let cause: AbortCause | undefined;
  for (const { payer, rate } of ratesByHold(round.parts, ports.settings)) {
    const step = { attempt: round.attempt, rung: round.round };
    const covered = await coverRate(payer, rate, step, ports);
    if (isRefused(covered)) {
      cause = causeOfFunds(covered, undefined);
    } else {
      holds.set(payer.hold.token, holdOf(payer, covered.hold));
    }
  }
  const limits = round.parts.flatMap(({ part }) =>
    part.payers.flatMap(({ job }) => job.timeLimitSeconds ?? []),
  );
  function cost(seconds: number): Money {
    return sum(round.parts.map((each) => priceOf(each.nodes.length, rateOf(each, ports), seconds)));
  }
  return {
    holds: [...holds.values()],
    perHour: cost(SECONDS_PER_HOUR),
    forLimit: limits.length === 0 ? undefined : cost(Math.max(...limits)),
    cause,
  };
}

const SECONDS_PER_HOUR = 3600;

/** With its volumes. */
function rateOf(
  { part, rung }: Pick<Round['parts'][number], 'part' | 'rung'>,
  { settings }: ResumePorts,
): Rate {
  return nodeRate(rung.rate, part.recipe.template, settings);
}

function priceOf(nodes: number, rate: Rate, seconds: number): Money {
  return holdAmount({ nodes, rate, seconds, factor: '1' });
}

function holdOf({ job, hold }: Payer, after: HoldRow): RehearsedHold {
  return {
    jobId: job.jobId,
    account: job.account,
    token: hold.token,
    now: taskAmountOf(hold),
    needed: taskAmountOf(after),
  };
}

async function intentsOf(
  round: Round,
  facts: LaunchFacts,
  ports: ResumePorts,
): Promise<readonly IntentRow[] | AbortCause> {
  const ask = planOf(round, facts, ports);
  const decision = planLaunch(await ports.ledger.read(planQuery(ask)), ask);
  if (isRefused(decision)) {
    return { code: 'Ceiling', as: 'quota', sentence: decision.text };
  }
  switch (decision.answer.outcome) {
    case 'planned':
      return decision.changes.flatMap((change) =>
        change.change === 'putIntent' ? [change.row] : [],
      );
    case 'broken':
      return BREAKER_OPEN;
    case 'no hold':
      return NO_HOLD;
    case 'taken':
    case 'collides':
      return { code: 'Taken', as: 'slurm', sentence: 'another process has these nodes in hand' };
  }
}

async function callOf(
  intent: IntentRow,
  asksPermission: boolean,
  { cloud }: ResumePorts,
): Promise<RehearsedCall> {
  const step = launchStepOf(intent);
  const nodes = expandNodelist(intent.nodes);
  return {
    ...cloud.described(step.request),
    nodes: isNodelistError(nodes) ? [] : nodes,
    step,
    permission: asksPermission ? await cloud.permits(step.request) : undefined,
  };
}

function rungWords(set: RungSet): string {
  const rungs = set.map(({ lifecycle, zone, overrides }) => {
    const types = overrides.map(({ instanceType }) => instanceType);
    return `${lifecycle} ${zone} ${[...new Set(types)].join(', ')}`;
  });
  return [...new Set(rungs)].join(' + ');
}
