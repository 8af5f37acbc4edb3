import type { AbortCause } from '../../core/burst/aborts.ts';
import { brokenNote } from '../../core/burst/broken-groups.ts';
import { marksGroupBroken } from '../../core/burst/errors.ts';
import type { Gang } from '../../core/burst/gangs.ts';
import type { GangNote } from '../../core/burst/launch.ts';
import type { NodePlace } from '../../core/burst/node-names.ts';
import { recordBroken } from '../../core/burst/record-abort.ts';
import { compressNodelist } from '../../core/slurm/nodelist.ts';
import type { SlurmJob } from '../../ports/slurm.ts';
import { abortGang } from './abort-gang.ts';
import { type BindResult, type BoundNode, bindNodes } from './bind-nodes.ts';
import type { BurstPorts } from './burst-ports.ts';
import type { Payer } from './cover-rung.ts';
import type { Deadline } from './deadline.ts';
import { note } from './decide-burst.ts';
import { gangParts, type OwnedNodes, poolParts, readyParts } from './gang-parts.ts';
import { isPayer, payerOfJob } from './gang-payers.ts';
import { type GangPart, type Member, plannedNote, type ReadyPart } from './gang-work.ts';
import { groupConfig } from './group-config.ts';
import { isCause, type LaunchFacts } from './launch-facts.ts';
import { launchGang } from './launch-gang.ts';
import { type OpenAttempt, openAttempt } from './open-attempt.ts';
import { inParallel } from './parallel.ts';
import { plannedParts } from './planned-parts.ts';

/**
 * What became of a gang. `taken`: another process has it in hand. `refused`: by its plan, told to the
 * person who asked; nodes and jobs are as they were.
 */
export interface GangReport {
  readonly kind: 'bound' | 'already' | 'taken' | 'aborted' | 'refused';
  readonly jobIds: readonly number[];
  readonly nodes: readonly string[];
  readonly bound: readonly BoundNode[];
  /** Nodes given back; with `best-effort` others of the gang may be bound. */
  readonly missing: readonly string[];
  readonly attempt: number;
  readonly fleetIds: readonly string[];
  readonly intentIds: readonly number[];
  readonly cause?: AbortCause | undefined;
  /** Time limit of the jobs, the longest; undefined without one. */
  readonly seconds?: number | undefined;
}

export interface GangAsk {
  readonly gang: Gang;
  readonly jobs: ReadonlyMap<number, SlurmJob>;
  readonly places: ReadonlyMap<string, NodePlace>;
  /** The gang's own part of the resume file. */
  readonly resumeFile: string;
}

export type ResumePorts = BurstPorts & { readonly deadline: Deadline };

const HOLDS_AT_ONCE = 8;

/** One gang of jobs from its holds to its bound nodes, or given back whole (burst.md 5.1). */
export async function resumeGang(
  ask: GangAsk,
  facts: LaunchFacts,
  ports: ResumePorts,
): Promise<GangReport> {
  const payers = await payersOf(ask, ports);
  if (!Array.isArray(payers)) {
    return await giveUp(workOf(ask), { ...NOTHING_YET, cause: payers }, ports);
  }
  const owned = payers.map((payer) => ownedBy(payer, ask));
  const parts = gangParts(owned, ask.gang.rule === 'best-effort');
  return await resumeParts({ ...workOf(ask), parts }, facts, ports);
}

/** Nodes that no job asked for, under `cost.pool_account` (SL-3). */
export async function resumePool(
  places: readonly NodePlace[],
  account: string,
  facts: LaunchFacts,
  ports: ResumePorts,
): Promise<GangReport> {
  const nodes = places.map(({ node }) => node);
  const gangNote: GangNote = { rule: 'best-effort', jobIds: [], nodes: compressNodelist(nodes) };
  return await resumeParts(
    { note: gangNote, nodes, jobs: [], resumeFile: '', parts: poolParts(places, account) },
    facts,
    ports,
  );
}

interface Work {
  readonly note: GangNote;
  readonly nodes: readonly string[];
  /** Which job owns which of the nodes. */
  readonly jobs: Gang['jobs'];
  readonly resumeFile: string;
  readonly seconds?: number | undefined;
}

interface PartedWork extends Work {
  readonly parts: readonly GangPart[];
}

function workOf({ gang, jobs: known, resumeFile }: GangAsk): Work {
  const { rule, jobs, nodes } = gang;
  const jobIds = jobs.map(({ jobId }) => jobId);
  const limits = jobIds.flatMap((id) => known.get(id)?.timeLimitSeconds ?? []);
  return {
    note: { rule, jobIds, nodes: compressNodelist(nodes) },
    nodes,
    jobs,
    resumeFile,
    seconds: limits.length === 0 ? undefined : Math.max(...limits),
  };
}

async function payersOf(ask: GangAsk, ports: ResumePorts): Promise<Payer[] | AbortCause> {
  const found = await inParallel(ask.gang.jobs, HOLDS_AT_ONCE, async ({ jobId }) => {
    const job = ask.jobs.get(jobId);
    return job === undefined ? NO_ANSWER : await payerOfJob(job, ports);
  });
  return found.find((each): each is AbortCause => !isPayer(each)) ?? found.filter(isPayer);
}

const NO_ANSWER: AbortCause = {
  code: 'NoAnswer',
  as: 'slurm',
  sentence: 'no answer from slurmctld',
};

function ownedBy(payer: Payer, { gang, places }: GangAsk): OwnedNodes {
  const names = gang.jobs.find(({ jobId }) => jobId === payer.job.jobId)?.nodes ?? [];
  return { payer, nodes: names.flatMap((node) => places.get(node) ?? []) };
}

interface Failure {
  readonly attempt: number;
  readonly intentIds: readonly number[];
  readonly fleetIds: readonly string[];
  readonly cause: AbortCause;
  readonly mayHaveMore: boolean;
  readonly bound: readonly BoundNode[];
  /** What is given back; absent: all nodes. */
  readonly missing?: readonly string[];
}

const NOTHING_YET = {
  attempt: 1,
  intentIds: [],
  fleetIds: [],
  mayHaveMore: false,
  bound: [],
} as const;

async function resumeParts(
  work: PartedWork,
  facts: LaunchFacts,
  ports: ResumePorts,
): Promise<GangReport> {
  const open = await openAttempt(work, ports);
  if (open.kind === 'taken') {
    return report(work, 'taken', open);
  }
  if (open.kind === 'unclear') {
    return await giveUp(work, { ...NOTHING_YET, ...open, mayHaveMore: true }, ports);
  }
  if (open.missing.length === 0 && open.members.length === 0) {
    return report(work, 'already', open);
  }
  return open.missing.length === 0
    ? await bindAll(work, { ...open, cause: undefined, fleetIds: [] }, ports)
    : await launchMissing(work, open, facts, ports);
}

type Opened = Extract<OpenAttempt, { kind: 'open' }>;

async function launchMissing(
  work: PartedWork,
  open: Opened,
  facts: LaunchFacts,
  ports: ResumePorts,
): Promise<GangReport> {
  const missing = new Set(open.missing);
  const parts = work.parts
    .map((part) => ({ ...part, nodes: part.nodes.filter((node) => missing.has(node)) }))
    .filter(({ nodes }) => nodes.length > 0);
  const ready = await readyParts(parts, facts, ports);
  if (isCause(ready)) {
    return await giveUp(work, { ...NOTHING_YET, ...open, cause: ready }, ports);
  }
  const planned = await plannedParts(ready, facts, ports);
  if (isCause(planned)) {
    return ports.isByHand === true && planned.as === 'plan'
      ? { ...report(work, 'refused', open), missing: open.missing, cause: planned }
      : await giveUp(work, { ...NOTHING_YET, ...open, cause: planned }, ports);
  }
  const { attempt, round, zone } = open;
  const { resumeFile } = work;
  const gangNote = plannedNote(work.note, planned.parts);
  const ownIntentIds = [...open.intentIds, ...open.pastIntentIds];
  const launched = await launchGang(
    { note: gangNote, parts, attempt, round, ownIntentIds, zone, resumeFile },
    planned.parts,
    planned.facts,
    ports,
  );
  const intentIds = [...open.intentIds, ...launched.intentIds];
  if (launched.isTaken) {
    const members = [...open.members, ...launched.members];
    return members.length === 0
      ? report(work, 'taken', { ...open, intentIds })
      : await bindOwn(work, { ...launched, members, intentIds, cause: undefined }, ports);
  }
  await markBroken(planned.parts, launched.cause, ports);
  return await bindAll(
    { ...work, note: gangNote },
    {
      attempt: launched.attempt,
      members: [...open.members, ...launched.members],
      intentIds,
      fleetIds: launched.fleetIds,
      cause: launched.cause,
      isUnclear: launched.isUnclear,
    },
    ports,
  );
}

/** The rest of a batch is in another process's hands: it is neither bound nor given back here. */
async function bindOwn(
  work: PartedWork,
  launched: Launched,
  ports: ResumePorts,
): Promise<GangReport> {
  const nodes = launched.members.map(({ node }) => node);
  const jobs = work.jobs.filter((job) => job.nodes.some((node) => nodes.includes(node)));
  const note = { ...work.note, jobIds: jobs.map(({ jobId }) => jobId) };
  return await bindAll({ ...work, nodes, jobs, note }, launched, ports);
}

/** Not asked for again until its configuration changes (burst.md 5.6, class request). */
async function markBroken(
  parts: readonly ReadyPart[],
  cause: AbortCause | undefined,
  ports: ResumePorts,
): Promise<void> {
  if (cause?.as !== 'request' || !marksGroupBroken(cause.code)) {
    return;
  }
  const { code } = cause;
  for (const part of parts) {
    const group = {
      name: part.nodeGroup,
      code,
      config: groupConfig(part, part.recipe.template, ports),
    };
    await note(
      ports,
      { verb: 'group broken', args: { group: group.name, code } },
      { notes: [brokenNote(ports.settings.slurm.cluster_name)] },
      (view) => recordBroken(view, group),
    );
  }
}

interface Launched {
  readonly attempt: number;
  readonly members: readonly Member[];
  readonly intentIds: readonly number[];
  readonly fleetIds: readonly string[];
  readonly cause: AbortCause | undefined;
  readonly isUnclear?: boolean;
}

async function bindAll(
  work: PartedWork,
  launched: Launched,
  ports: ResumePorts,
): Promise<GangReport> {
  const { members, cause } = launched;
  const mayHaveMore = launched.isUnclear === true;
  if (cause !== undefined && (work.note.rule === 'all' || members.length === 0)) {
    return await giveUp(work, { ...NOTHING_YET, ...launched, cause, mayHaveMore }, ports);
  }
  const result = await bindNodes(members, ports, ports.deadline);
  if (result.kind === 'failed') {
    return work.note.rule === 'best-effort' && members.length > 1
      ? await bindEach(work, launched, ports)
      : await giveUp(work, { ...failureOf(launched), cause: causeOfBind(result) }, ports);
  }
  return cause === undefined
    ? { ...report(work, 'bound', launched), bound: result.nodes, fleetIds: launched.fleetIds }
    : await giveBackRest(work, { ...launched, cause }, result.nodes, ports);
}

function failureOf(launched: Launched): Omit<Failure, 'cause'> {
  const { attempt, intentIds, fleetIds } = launched;
  return { ...NOTHING_YET, attempt, intentIds, fleetIds };
}

function causeOfBind(result: Extract<BindResult, { kind: 'failed' }>): AbortCause {
  const { step, code, sentence, isThrottled } = result;
  const as = step === 'describe' ? 'boot' : 'slurm';
  return { code, as: isThrottled === true ? 'throttle' : as, sentence };
}

/** Nodes of their own: one that cannot be bound does not take the others with it. */
async function bindEach(
  work: PartedWork,
  launched: Launched,
  ports: ResumePorts,
): Promise<GangReport> {
  const results = await inParallel(launched.members, HOLDS_AT_ONCE, async (member) => ({
    member,
    result: await bindNodes([member], ports, ports.deadline),
  }));
  const bound = results.flatMap(({ result }) => (result.kind === 'bound' ? result.nodes : []));
  const failed = results.flatMap(({ result }) =>
    result.kind === 'failed' ? [causeOfBind(result)] : [],
  );
  const cause = failed[0] ?? launched.cause;
  return cause === undefined
    ? { ...report(work, 'bound', launched), bound, fleetIds: launched.fleetIds }
    : await giveBackRest(work, { ...launched, cause }, bound, ports);
}

/** What did not come, or could not be bound, is given back; the rest stays. */
async function giveBackRest(
  work: PartedWork,
  launched: Launched & { readonly cause: AbortCause },
  bound: readonly BoundNode[],
  ports: ResumePorts,
): Promise<GangReport> {
  const isUp = new Set(bound.map(({ node }) => node));
  const missing = work.nodes.filter((node) => !isUp.has(node));
  const kept = new Set(
    launched.members.filter(({ node }) => isUp.has(node)).map((m) => m.intentId),
  );
  const intentIds = launched.intentIds.filter((id) => !kept.has(id));
  const lost = launched.members.filter(({ node }) => !isUp.has(node));
  return await giveUp(
    work,
    {
      ...NOTHING_YET,
      attempt: launched.attempt,
      intentIds,
      fleetIds: launched.fleetIds,
      cause: launched.cause,
      bound,
      missing,
      mayHaveMore: launched.isUnclear === true,
    },
    ports,
    lost.map(({ instanceId }) => instanceId),
  );
}

async function giveUp(
  work: Work,
  failure: Failure,
  ports: ResumePorts,
  alsoEnd: readonly string[] = [],
): Promise<GangReport> {
  const { cause, attempt, intentIds, mayHaveMore, bound } = failure;
  const missing = failure.missing ?? work.nodes;
  const gone = new Set(missing);
  const jobIds =
    bound.length === 0
      ? work.note.jobIds
      : work.jobs
          .filter(({ nodes }) => nodes.some((node) => gone.has(node)))
          .map((job) => job.jobId);
  await abortGang(
    {
      jobIds,
      nodes: missing,
      intentIds,
      instanceIds: alsoEnd,
      attempt,
      mayHaveMore,
    },
    cause,
    ports,
  );
  const kind = bound.length === 0 ? 'aborted' : 'bound';
  return { ...report(work, kind, failure), bound, missing, cause, fleetIds: failure.fleetIds };
}

function report(
  work: Work,
  kind: GangReport['kind'],
  { attempt, intentIds }: { readonly attempt: number; readonly intentIds: readonly number[] },
): GangReport {
  return {
    kind,
    jobIds: work.note.jobIds,
    nodes: work.nodes,
    seconds: work.seconds,
    bound: [],
    missing: [],
    attempt,
    fleetIds: [],
    intentIds,
  };
}
