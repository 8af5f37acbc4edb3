import { GRAVE_EVENTS, type NodeNews } from '../../core/burst/node-news.ts';
import { isLive } from '../../core/burst/plan-launch.ts';
import { Fault } from '../../core/errors.ts';
import type { InstanceRow } from '../../core/ledger/rows.ts';
import type { FleetView } from '../../core/ledger/view.ts';
import type { BurstPorts } from './burst-ports.ts';

/** From EC2's notice to the end of the instance (burst.md 9.4). */
const NOTICE_S = 120;

/**
 * What EC2 says beforehand of instances of ours, in four calls whatever their number. Without an answer
 * there is no news: nothing more is done, and what is done does not need it.
 */
export async function reconcileNews(
  fleet: FleetView,
  { hasHealth }: { readonly hasHealth: boolean },
  ports: BurstPorts,
): Promise<ReadonlyMap<string, NodeNews>> {
  const live = fleet.instances.filter(isLive);
  const [health, notices] = await Promise.all([
    healthOf(hasHealth ? live : [], ports),
    noticesOf(
      live.filter(({ lifecycle }) => lifecycle === 'spot'),
      ports,
    ),
  ]);
  const news = new Map(health);
  for (const [instanceId, spotS] of notices) {
    news.set(instanceId, { ...news.get(instanceId), spotS });
  }
  return news;
}

async function healthOf(
  live: readonly InstanceRow[],
  ports: BurstPorts,
): Promise<ReadonlyMap<string, NodeNews>> {
  const ours = new Set(live.map(({ instanceId }) => instanceId));
  const found =
    ours.size === 0 ? [] : await heard('health_unknown', ports.cloud.health(GRAVE_EVENTS), ports);
  return new Map(
    found
      .filter(({ instanceId }) => ours.has(instanceId))
      .map(({ instanceId, impairedS, events: [event] }) => [instanceId, { impairedS, event }]),
  );
}

async function noticesOf(
  spot: readonly InstanceRow[],
  ports: BurstPorts,
): Promise<ReadonlyMap<string, number>> {
  const ours = new Set(spot.map(({ instanceId }) => instanceId));
  const found =
    ours.size === 0 ? [] : await heard('notices_unknown', ports.cloud.spotNotices(), ports);
  return new Map(
    found
      .filter(({ instanceId }) => ours.has(instanceId))
      .map(({ instanceId, statusUpdatedS = 0 }) => [instanceId, statusUpdatedS + NOTICE_S]),
  );
}

/** No answer is no news. */
export async function heard<T>(
  event: string,
  answer: Promise<readonly T[]>,
  { log }: BurstPorts,
): Promise<readonly T[]> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('warn', event, { msg: error.message });
    return [];
  }
}
