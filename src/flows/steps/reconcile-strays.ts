import { isOfIntent } from '../../core/burst/complete-rows.ts';
import { isLive, isOpenIntent } from '../../core/burst/plan-launch.ts';
import type { StrayInstance } from '../../core/burst/reconcile-plan.ts';
import { intentOfTags, nodeOfTags, numberTag, TAG } from '../../core/burst/tags.ts';
import type { IntentRow } from '../../core/ledger/rows.ts';
import type { FleetView } from '../../core/ledger/view.ts';
import type { CloudInstance } from '../../ports/cloud.ts';
import { type BurstPorts, nowS } from './burst-ports.ts';

/** Living instances with our cluster's tag that no open row stands for. */
export interface Strays {
  /** Their intent is not in this ledger: another's, or nobody's (burst.md F53). */
  readonly foreign: readonly CloudInstance[];
  /** Of a known intent, but more than it asked for. */
  readonly surplus: readonly CloudInstance[];
  /** Our row says that they ended a while ago; they did not. */
  readonly undead: readonly CloudInstance[];
}

const ALIVE: ReadonlySet<string> = new Set(['pending', 'running', 'stopping', 'stopped']);
/** A listing may lag behind an end that long. */
const LAG_S = 120;

export async function straysOf(
  instances: readonly CloudInstance[],
  fleet: FleetView,
  ports: BurstPorts,
): Promise<Strays> {
  const live = new Set(fleet.instances.filter(isLive).map(({ instanceId }) => instanceId));
  const alive = instances.filter(
    ({ instanceId, state }) => ALIVE.has(state) && !live.has(instanceId),
  );
  if (alive.length === 0) {
    return { foreign: [], surplus: [], undead: [] };
  }
  const intentIds = alive.flatMap(({ tags }) => intentOfTags(tags) ?? []);
  const instanceIds = alive.map(({ instanceId }) => instanceId);
  const found = (await ports.ledger.read({ fleet: { intentIds, instanceIds } })).fleet;
  const rows = new Map(found.instances.map((row) => [row.instanceId, row]));
  const rowless = alive.filter(({ instanceId }) => !rows.has(instanceId));
  const longAgoS = nowS(ports) - LAG_S;
  return {
    foreign: rowless.filter((instance) => intentOf(instance, found) === undefined),
    surplus: rowless.filter((instance) => {
      const intent = intentOf(instance, found);
      return intent !== undefined && !isOpenIntent(intent);
    }),
    undead: alive.filter(({ instanceId }) => {
      const row = rows.get(instanceId);
      return row !== undefined && !isLive(row) && (row.endS ?? longAgoS) < longAgoS;
    }),
  };
}

function intentOf(instance: CloudInstance, { intents }: FleetView): IntentRow | undefined {
  const intentId = intentOfTags(instance.tags);
  const intent = intents.find((each) => each.intentId === intentId);
  return intent !== undefined && isOfIntent(intent, instance) ? intent : undefined;
}

/** Those that name a node, by that node; the newest where several do. */
export function straysByNode(
  foreign: readonly CloudInstance[],
): ReadonlyMap<string, StrayInstance> {
  const oldestFirst = foreign.toSorted((a, b) => a.launchS - b.launchS);
  return new Map(
    oldestFirst.flatMap((instance) => {
      const node = nodeOfTags(instance.tags);
      const { instanceId, instanceType, zone, lifecycle, launchS, privateIp, tags } = instance;
      const of = { instanceId, instanceType, zone, lifecycle, launchS, privateIp };
      const jobId = numberTag(tags, TAG.job);
      return node === undefined
        ? []
        : [[node, { ...of, jobId, attempt: numberTag(tags, TAG.attempt) ?? 1 }] as const];
    }),
  );
}
