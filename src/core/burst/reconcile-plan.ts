import type { PartitionSettings } from '../config/settings.ts';
import type { InstanceRow, IntentRow } from '../ledger/rows.ts';
import type { FleetView } from '../ledger/view.ts';
import { expandNodelist, isNodelistError } from '../slurm/nodelist.ts';
import { staleAfterS } from './complete-rows.ts';
import { nodePlace } from './node-names.ts';
import { isLive, isOpenIntent } from './plan-launch.ts';
import {
  instanceKind,
  isCompleting,
  isOurDrain,
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
  /** SLURM's address of it is not its name. */
  readonly hasAddress: boolean;
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
  /** Nodes that instances without an intent of ours name. */
  readonly strayNodes: ReadonlySet<string>;
  readonly suspects: Suspects;
  readonly partitions: readonly PartitionSettings[];
  readonly orphanGraceS: number;
  readonly killsOrphans: boolean;
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
  const names = new Set([...known.keys(), ...launches.keys()]);
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

function judge(
  name: string,
  node: ReconcileFacts['nodes'][number] | undefined,
  launch: Launch | undefined,
  facts: ReconcileFacts,
): { readonly verdict: NodeVerdict; readonly remembered: readonly string[] } {
  const jobIds = facts.jobsOn.get(name) ?? [];
  const completing = `completing ${name}`;
  const isLong =
    node !== undefined &&
    isCompleting(node) &&
    (heldForS(facts.suspects, completing, facts.nowS) ?? 0) > COMPLETES_LONG_S;
  const kind = nodeKind(node, { hasJob: jobIds.length > 0, completesLong: isLong });
  const onNode = launchOn(name, { node, launch }, facts);
  const instance = columnOf(kind, launch, onNode, facts);
  const key = `${name} ${kind} ${instance}`;
  const acts = actsOf(kind, instance, {
    intentAgeS: ageOf(launch?.intent, facts.nowS),
    staleAfterS: staleAfterS(launch?.intent?.want ?? 1),
    instanceAgeS: onNode.ageS,
    orphanGraceS: facts.orphanGraceS,
    heldForS: heldForS(facts.suspects, key, facts.nowS),
    isOurDrain: node !== undefined && isOurDrain(node),
    killsOrphans: facts.killsOrphans,
  });
  return {
    verdict: {
      node: name,
      kind,
      instance,
      acts,
      row: launch?.row,
      intent: launch?.intent,
      jobIds,
      hasAddress: node !== undefined && node.address !== name,
    },
    remembered: [
      ...(node !== undefined && isCompleting(node) ? [completing] : []),
      ...(isRemembered(kind, instance) ? [key] : []),
    ],
  };
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
    bootTimeoutS: place?.group.boot_timeout ?? 0,
    hasStray: facts.strayNodes.has(name),
    hasRegistered: node !== undefined && isUp(node),
  };
}

/** Never negative: a clock may go backwards. */
function ageOf(intent: IntentRow | undefined, nowS: number): number {
  return intent === undefined ? 0 : Math.max(0, nowS - intent.plannedUs / MICROS_PER_SECOND);
}
