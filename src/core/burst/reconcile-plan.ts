import type { PartitionSettings } from '../config/settings.ts';
import type { InstanceRow, IntentRow } from '../ledger/rows.ts';
import type { FleetView } from '../ledger/view.ts';
import { expandNodelist, isNodelistError } from '../slurm/nodelist.ts';
import { staleAfterS } from './complete-rows.ts';
import type { Lifecycle } from './launch.ts';
import { nodePlace } from './node-names.ts';
import { type NewsActs, type NodeNews, newsActs } from './node-news.ts';
import { isLive, isOpenIntent } from './plan-launch.ts';
import {
  instanceKind,
  isCompleting,
  isOurDrain,
  isPoweredOff,
  isUp,
  type LaunchOnNode,
  type NodeFacts,
  nodeKind,
} from './reconcile-facts.ts';
import {
  type Act,
  actsOf,
  type InstanceKind,
  isRemembered,
  type NodeKind,
  type StrayTiming,
} from './reconcile-table.ts';
import { heldForS, type Suspects } from './suspects.ts';

/** One node of the run: its pair, and what is due. */
export interface NodeVerdict {
  readonly node: string;
  readonly kind: NodeKind;
  readonly instance: InstanceKind;
  readonly acts: readonly Act[];
  readonly row?: InstanceRow | undefined;
  readonly intent?: IntentRow | undefined;
  /** Live jobs that have the node in their list. */
  readonly jobIds: readonly number[];
  /** SLURM keeps an address of it that is not its name, and has nothing left to say there. */
  readonly mayReset: boolean;
  /** An instance of an unknown intent that names the node. */
  readonly stray?: StrayInstance | undefined;
  /** Why it is drained; '' where nothing drains it. */
  readonly reason: string;
}

/** An instance with our cluster's tag whose intent this ledger does not have, and the node it names. */
export interface StrayInstance {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly lifecycle: Lifecycle;
  readonly launchS: number;
  readonly privateIp: string;
  /** Of its `asbb:job` tag. */
  readonly jobId?: number | undefined;
  /** Of its `asbb:attempt` tag. */
  readonly attempt: number;
}

export interface ReconcileFacts {
  readonly nowS: number;
  readonly nodes: readonly (NodeFacts & { readonly address: string })[];
  /** Live jobs by the nodes in their lists. */
  readonly jobsOn: ReadonlyMap<string, readonly number[]>;
  /** As the ledger was when the run began. */
  readonly fleet: FleetView;
  /** EC2's state by instance id. */
  readonly states: ReadonlyMap<string, string>;
  /** Instances without an intent of ours, by the node that they name. */
  readonly strays: ReadonlyMap<string, StrayInstance>;
  /** What EC2 says beforehand, by instance id. */
  readonly news: ReadonlyMap<string, NodeNews>;
  readonly suspects: Suspects;
  readonly partitions: readonly PartitionSettings[];
  /** Of nodes whose group is no longer in the configuration. */
  readonly bootTimeoutS: number;
  readonly orphanGraceS: number;
  readonly spotNotice: 'requeue' | 'signal' | 'wait';
  /** `--kill-orphans` */
  readonly killsOrphans: boolean;
  /** `--after-restore` */
  readonly isRestored: boolean;
}

export interface ReconcilePlan {
  readonly verdicts: readonly NodeVerdict[];
  /** Keys to be remembered for the next run. */
  readonly suspects: readonly string[];
}

const COMPLETES_LONG_S = 600;
const MICROS_PER_SECOND = 1_000_000;

/** Every node of the configured groups, and every node that the ledger has something on. */
export function reconcilePlan(facts: ReconcileFacts): ReconcilePlan {
  const launches = launchesByNode(facts.fleet);
  const known = new Map(facts.nodes.map((node) => [node.name, node]));
  const names = new Set([...known.keys(), ...launches.keys(), ...facts.strays.keys()]);
  const suspects: string[] = [];
  const verdicts = [...names].flatMap((name) => {
    if (nodePlace(facts.partitions, name) === undefined && !launches.has(name)) {
      return []; // never outside the configured groups
    }
    const verdict = judge(name, known.get(name), launches.get(name), facts);
    suspects.push(...verdict.remembered);
    return [verdict.verdict];
  });
  return { verdicts, suspects };
}

interface Launch {
  readonly row?: InstanceRow | undefined;
  readonly openIntent?: IntentRow | undefined;
  /** Of the row, or the open one. */
  readonly intent?: IntentRow | undefined;
}

/** The newest launch of each node; aborted ones are over. */
function launchesByNode(fleet: FleetView): ReadonlyMap<string, Launch> {
  const intents = new Map(fleet.intents.map((intent) => [intent.intentId, intent]));
  const launches = new Map<string, Launch>();
  for (const intent of fleet.intents.filter((each) => isOpenIntent(each) && !each.aborted)) {
    const nodes = expandNodelist(intent.nodes);
    for (const node of isNodelistError(nodes) ? [] : nodes) {
      launches.set(node, { openIntent: intent, intent });
    }
  }
  // Rows come in the order of their intents: the newest one stays.
  for (const row of fleet.instances.filter(isLive)) {
    const intent = intents.get(row.intentId);
    if (intent?.aborted === false) {
      launches.set(row.node, { ...launches.get(row.node), row, intent });
    }
  }
  return launches;
}

type ListedNode = ReconcileFacts['nodes'][number];

interface Judged {
  readonly verdict: NodeVerdict;
  readonly remembered: readonly string[];
}

function judge(
  name: string,
  node: ListedNode | undefined,
  launch: Launch | undefined,
  facts: ReconcileFacts,
): Judged {
  const jobIds = facts.jobsOn.get(name) ?? [];
  const kind = rowOf(name, node, jobIds.length > 0, facts);
  const onNode = launchOn(name, { node, launch }, facts);
  const instance = columnOf(kind, launch, onNode, facts);
  const stray = instance === 'stray' ? facts.strays.get(name) : undefined;
  const key = `${name} ${kind} ${instance}`;
  const timing = {
    intentAgeS: ageOf(launch?.intent, facts.nowS),
    staleAfterS: staleAfterS(launch?.intent?.want ?? 1),
    instanceAgeS: onNode.ageS,
    orphanGraceS: facts.orphanGraceS,
    heldForS: heldForS(facts.suspects, key, facts.nowS),
    isOurDrain: node !== undefined && isOurDrain(node),
    stray: strayTiming({ kind, node, stray, jobIds }, facts),
  };
  const news = newsOf({ node, launch, kind, instance, jobIds }, facts);
  return {
    verdict: {
      node: name,
      kind,
      instance,
      acts: merged(actsOf(kind, instance, timing), news?.acts ?? []),
      row: launch?.row,
      intent: launch?.intent,
      jobIds,
      mayReset: node !== undefined && node.address !== name && isPoweredOff(node),
      stray,
      reason: news?.reason ?? '',
    },
    remembered: [
      ...(node !== undefined && isCompleting(node) ? [completingKey(name)] : []),
      ...(isRemembered(kind, instance) ? [key] : []),
      ...toldKeys({ launch, jobIds, told: news?.acts ?? [] }, facts),
    ],
  };
}

function merged(acts: readonly Act[], more: readonly Act[]): readonly Act[] {
  return [...acts, ...more.filter((act) => !acts.includes(act))];
}

function completingKey(node: string): string {
  return `completing ${node}`;
}

function rowOf(
  name: string,
  node: ListedNode | undefined,
  hasJob: boolean,
  facts: ReconcileFacts,
): NodeKind {
  const heldS = heldForS(facts.suspects, completingKey(name), facts.nowS) ?? 0;
  const completesLong = node !== undefined && isCompleting(node) && heldS > COMPLETES_LONG_S;
  const kind = nodeKind(node, { hasJob, completesLong });
  // A group that is gone from the configuration: kept while it is used, then as if it were gone from
  // slurm.conf too (F52).
  const isUnused = kind === 'up, idle' || kind === 'coming' || kind === 'off';
  return isUnused && nodePlace(facts.partitions, name) === undefined ? 'not in slurm.conf' : kind;
}

/** IP only as a cross-check: SLURM's address of the node is this instance's (burst.md 9.1). */
function strayTiming(
  on: {
    readonly kind: NodeKind;
    readonly node: ListedNode | undefined;
    readonly stray: StrayInstance | undefined;
    readonly jobIds: readonly number[];
  },
  { nowS, killsOrphans, isRestored }: ReconcileFacts,
): StrayTiming {
  const { kind, node, stray, jobIds } = on;
  const isReached = stray !== undefined && node?.address === stray.privateIp;
  const isForJob = stray?.jobId !== undefined && jobIds.includes(stray.jobId);
  const isNodes = isReached && (kind !== 'coming for a job' || isForJob);
  return {
    ageS: stray === undefined ? 0 : Math.max(0, nowS - stray.launchS),
    isNodes: isRestored ? stray !== undefined && node !== undefined : isNodes,
    isRestored,
    kills: killsOrphans,
  };
}

interface Pair {
  readonly node: ListedNode | undefined;
  readonly launch: Launch | undefined;
  readonly kind: NodeKind;
  readonly instance: InstanceKind;
  readonly jobIds: readonly number[];
}

function newsOf(pair: Pair, facts: ReconcileFacts): NewsActs | undefined {
  const { node, launch, kind, instance, jobIds } = pair;
  const news = facts.news.get(launch?.row?.instanceId ?? '');
  if (news === undefined || node === undefined || launch?.row === undefined) {
    return undefined;
  }
  const { instanceId } = launch.row;
  return newsActs({
    nowS: facts.nowS,
    node,
    kind,
    instance,
    news,
    policy: facts.spotNotice,
    isTold: jobIds.every((jobId) => Object.hasOwn(facts.suspects, toldKey(instanceId, jobId))),
  });
}

function toldKey(instanceId: string, jobId: number): string {
  return `notice ${instanceId} ${jobId}`;
}

/** Each job hears of the notice of one instance once. */
function toldKeys(
  of: {
    readonly launch: Launch | undefined;
    readonly jobIds: readonly number[];
    readonly told: readonly Act[];
  },
  facts: ReconcileFacts,
): readonly string[] {
  const { launch, jobIds, told } = of;
  const instanceId = launch?.row?.instanceId ?? '';
  const isTelling = told.includes('signal') || told.includes('requeue');
  return jobIds
    .map((jobId) => toldKey(instanceId, jobId))
    .filter((key) => isTelling || Object.hasOwn(facts.suspects, key));
}

/** Launched, but nobody has bound it and no hook can be at it any more: its call counts as stale. */
function columnOf(
  kind: NodeKind,
  launch: Launch | undefined,
  onNode: LaunchOnNode,
  facts: ReconcileFacts,
): InstanceKind {
  const column = instanceKind(onNode);
  const isUnbound =
    column === 'young' && kind === 'coming for a job' && launch?.row?.state === 'pending';
  const { intent } = launch ?? {};
  return isUnbound && ageOf(intent, facts.nowS) > staleAfterS(intent?.want ?? 1)
    ? 'planned'
    : column;
}

function launchOn(
  name: string,
  { node, launch }: { readonly node: NodeFacts | undefined; readonly launch: Launch | undefined },
  facts: ReconcileFacts,
): LaunchOnNode {
  const { row } = launch ?? {};
  const place = nodePlace(facts.partitions, name);
  return {
    openIntent: launch?.openIntent,
    row,
    state: row === undefined ? undefined : facts.states.get(row.instanceId),
    ageS: row === undefined ? 0 : Math.max(0, facts.nowS - row.launchS),
    bootTimeoutS: place?.group.boot_timeout ?? facts.bootTimeoutS,
    hasStray: facts.strays.has(name),
    hasRegistered: node !== undefined && isUp(node),
  };
}

/** Never negative: a clock may go backwards. */
function ageOf(intent: IntentRow | undefined, nowS: number): number {
  return intent === undefined ? 0 : Math.max(0, nowS - intent.plannedUs / MICROS_PER_SECOND);
}
