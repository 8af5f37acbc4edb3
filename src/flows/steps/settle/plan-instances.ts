import type { InstancePlan } from '../../../core/burst/cost/close.ts';
import {
  holdOf,
  type InstanceOfNode,
  lifeOf,
  type PayerFacts,
  type RunOnNode,
} from '../../../core/burst/cost/plan-instance.ts';
import { nodePlace } from '../../../core/burst/node-names.ts';
import { nodesOf } from '../../../core/burst/runs/started.ts';
import type { Settings } from '../../../core/config/settings.ts';
import type { InstanceRow, IntentRow } from '../../../core/ledger/rows.ts';
import { type InstanceRates, ratesFor } from './instance-rates.ts';
import type { Evidence, SettlePorts } from './pass.ts';
import { payerFacts } from './payer-facts.ts';

export interface PlanQuestion {
  readonly instances: readonly InstanceRow[];
  readonly intents: readonly IntentRow[];
  /** Raw ids of live jobs that certainly carry no hold. */
  readonly without: ReadonlySet<number>;
}

export interface Planned {
  readonly plan: InstancePlan;
  /** Holds whose budgets pay. */
  readonly holdIds: readonly number[];
}

export interface Plans {
  readonly plans: readonly Planned[];
  /** Our names of the accounts that pay without a hold. */
  readonly accounts: readonly string[];
}

/** Who pays for these instances and at what price: everything that closing them needs. */
export async function planInstances(
  ports: SettlePorts,
  evidence: Evidence,
  ask: PlanQuestion,
): Promise<Plans> {
  const onNodes = runsOnNodes(evidence, new Set(ask.instances.map(({ node }) => node)));
  const asked = ask.instances.flatMap((instance) => {
    const intent = ask.intents.find(({ intentId }) => intentId === instance.intentId);
    return intent === undefined ? [] : [ofNode(ports.settings, instance, intent, onNodes)];
  });
  const payers = await payerFacts(ports, asked);
  const known = asked.filter(({ runs }) =>
    runs.every((run) => isAnswered(run, payers.facts, ask.without)),
  );
  const rates = await ratesFor(
    ports,
    evidence,
    known.map(({ instance }) => instance),
  );
  const plans = known.flatMap((at): readonly Planned[] => {
    const own = rates.get(at.instance.instanceId);
    return own === undefined ? [] : [planOf(at, payers.facts, own)];
  });
  return { plans, accounts: payers.accounts };
}

function planOf(at: InstanceOfNode, facts: PayerFacts, rates: InstanceRates): Planned {
  const { instanceId, endCause } = at.instance;
  const life = lifeOf(at, facts);
  const payers = [life.cause, ...life.runs.map(({ payer }) => payer)];
  const paying = payers.flatMap((payer) => (payer.kind === 'hold' ? [payer.holdId] : []));
  const cause = at.intent.holdId === undefined ? [] : [at.intent.holdId];
  return {
    plan: { instanceId, endCause, life, ...rates },
    holdIds: [...new Set([...paying, ...cause])],
  };
}

function ofNode(
  settings: Settings,
  instance: InstanceRow,
  intent: IntentRow,
  onNodes: ReadonlyMap<string, readonly RunOnNode[]>,
): InstanceOfNode {
  const place = nodePlace(settings.slurm.partitions, instance.node);
  const options = settings.slurm.partitions.find(
    ({ partition_name: name }) => name === place?.partition,
  )?.partition_options;
  const sharing = options?.['OverSubscribe'] ?? '';
  const all = onNodes.get(instance.node) ?? [];
  return {
    instance,
    intent,
    runs: all.filter(({ allocation }) => touches(instance, allocation)),
    partition: place?.partition ?? '',
    isExclusive: sharing.toUpperCase().startsWith('EXCLUSIVE'),
  };
}

/** Also attempts that were allocated before the launch and waited for it. */
function touches(instance: InstanceRow, run: RunOnNode['allocation']): boolean {
  const untilS = instance.endS ?? Number.POSITIVE_INFINITY;
  return run.startS < untilS && (run.endS ?? untilS) >= instance.launchS;
}

export function runsOnNodes(
  evidence: Evidence,
  nodes: ReadonlySet<string>,
): ReadonlyMap<string, readonly RunOnNode[]> {
  const byNode = new Map<string, RunOnNode[]>();
  for (const fact of [...evidence.jobs.values()].flat()) {
    for (const allocation of fact.allocations) {
      for (const node of nodesOf(allocation.nodeList).filter((name) => nodes.has(name))) {
        byNode.set(node, [...(byNode.get(node) ?? []), { fact, allocation }]);
      }
    }
  }
  return byNode;
}

/** A run that may yet turn out to have a hold, or to have ended, keeps its node's instance waiting. */
function isAnswered({ fact }: RunOnNode, facts: PayerFacts, without: ReadonlySet<number>): boolean {
  switch (fact.phase) {
    case 'over':
      return true;
    case 'live':
      return holdOf(fact, facts.holds) !== undefined || without.has(fact.rawId);
    case 'unclear':
      return false;
  }
}
