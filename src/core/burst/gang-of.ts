import type { InstanceRow, IntentRow } from '../ledger/rows.ts';
import type { FleetView } from '../ledger/view.ts';
import { expandNodelist, isNodelistError } from '../slurm/nodelist.ts';
import { type GangNote, launchStepOf } from './launch.ts';
import { isLive, isOpenIntent } from './plan-launch.ts';

/** A gang as its intents tell it: what must be given up when one of its nodes is. */
export interface KnownGang {
  readonly rule: GangNote['rule'];
  readonly jobIds: readonly number[];
  readonly nodes: readonly string[];
  readonly intents: readonly IntentRow[];
  readonly instances: readonly InstanceRow[];
  readonly attempt: number;
}

/** All launch calls of the attempt that this intent is part of, those of other holds included. */
export function gangOf(fleet: FleetView, intent: IntentRow): KnownGang {
  const { gang } = launchStepOf(intent);
  const intents = fleet.intents.filter((other) => {
    const step = launchStepOf(other);
    return (
      other.attempt === intent.attempt &&
      step.gang.nodes === gang.nodes &&
      step.gang.jobIds.join() === gang.jobIds.join()
    );
  });
  const ids = new Set(intents.map(({ intentId }) => intentId));
  return {
    rule: gang.rule,
    jobIds: gang.jobIds,
    nodes: namesOf(gang.nodes),
    intents,
    instances: fleet.instances.filter((row) => ids.has(row.intentId)),
    attempt: intent.attempt,
  };
}

/** What is to be aborted because of this one node: its whole gang, or itself alone (burst.md 9.2, P). */
export interface AbortScope {
  readonly jobIds: readonly number[];
  readonly nodes: readonly string[];
  readonly intentIds: readonly number[];
  readonly instanceIds: readonly string[];
  readonly attempt: number;
}

/**
 * As its launch was planned. Of a best-effort launch the node goes alone; but a call that has brought
 * nothing, and that nobody waits for any more, goes with all its nodes.
 */
function plannedScope(gang: KnownGang, node: string): AbortScope {
  const { jobIds, attempt } = gang;
  if (gang.rule === 'all') {
    const intentIds = gang.intents.map(({ intentId }) => intentId);
    return { jobIds, nodes: gang.nodes, intentIds, instanceIds: [], attempt };
  }
  const own = gang.intents.filter((intent) => namesOf(intent.nodes).includes(node));
  const intentIds = own.map(({ intentId }) => intentId);
  const hasBrought = gang.instances.some((row) => isLive(row) && intentIds.includes(row.intentId));
  if (!hasBrought && own.length > 0 && own.every(isOpenIntent)) {
    const nodes = [...new Set([node, ...own.flatMap((intent) => namesOf(intent.nodes))])];
    return { jobIds, nodes, intentIds, instanceIds: [], attempt };
  }
  return own.every(({ want }) => want === 1)
    ? { jobIds, nodes: [node], intentIds, instanceIds: [], attempt }
    : { jobIds: [], nodes: [node], intentIds: [], instanceIds: [], attempt };
}

/**
 * What goes because of this node, by the jobs that SLURM has on the nodes now: the launch may be an old
 * one. Nodes that serve other jobs by now stay, with their instances; and where the node itself does, it
 * is the gang of that job which is powered down, not the one that launched it.
 */
export function abortScope(
  gang: KnownGang,
  node: string,
  jobsOn: ReadonlyMap<string, readonly number[]>,
): AbortScope {
  const planned = plannedScope(gang, node);
  const here = jobsOn.get(node) ?? [];
  const isTakenOver = isOthers(here, gang);
  const nodes = isTakenOver
    ? [...new Set([node, ...nodesOfJobs(here, jobsOn)])]
    : planned.nodes.filter((name) => name === node || !isOthers(jobsOn.get(name) ?? [], gang));
  const going = new Set(isTakenOver ? [node] : nodes);
  const rows = gang.instances.filter(isLive);
  const ids = new Set(planned.intentIds);
  const isWhole =
    ids.size > 0 && rows.every((row) => !ids.has(row.intentId) || going.has(row.node));
  const kept = { nodes, attempt: gang.attempt };
  if (isWhole) {
    const jobIds = isTakenOver ? here : concerned(planned.jobIds, { gang, nodes, jobsOn });
    return { ...kept, jobIds, intentIds: planned.intentIds, instanceIds: [] };
  }
  return {
    ...kept,
    jobIds: isTakenOver ? here : [],
    intentIds: [],
    instanceIds: rows.filter((row) => going.has(row.node)).map(({ instanceId }) => instanceId),
  };
}

/** Nobody says who has the other nodes by now: they are left to reconcile. */
export function aloneScope({ instances, attempt }: KnownGang, node: string): AbortScope {
  const own = instances.filter((row) => row.node === node && isLive(row));
  const instanceIds = own.map(({ instanceId }) => instanceId);
  return { jobIds: [], nodes: [node], intentIds: [], instanceIds, attempt };
}

/** Of best-effort gangs only those that lose a node by it. */
function concerned(
  jobIds: readonly number[],
  of: {
    readonly gang: KnownGang;
    readonly nodes: readonly string[];
    readonly jobsOn: ReadonlyMap<string, readonly number[]>;
  },
): readonly number[] {
  const { gang, nodes, jobsOn } = of;
  if (gang.rule === 'all' || jobIds.length === 1) {
    return jobIds;
  }
  return jobIds.filter((jobId) => nodes.some((name) => jobsOn.get(name)?.includes(jobId) === true));
}

function isOthers(jobIds: readonly number[], gang: KnownGang): boolean {
  return jobIds.length > 0 && !jobIds.some((jobId) => gang.jobIds.includes(jobId));
}

function nodesOfJobs(
  jobIds: readonly number[],
  jobsOn: ReadonlyMap<string, readonly number[]>,
): readonly string[] {
  return [...jobsOn].flatMap(([name, jobs]) =>
    jobs.some((jobId) => jobIds.includes(jobId)) ? [name] : [],
  );
}

function namesOf(nodeList: string): readonly string[] {
  const names = expandNodelist(nodeList);
  return isNodelistError(names) ? [] : names;
}
