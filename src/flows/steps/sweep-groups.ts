import { launchStepOf } from '../../core/burst/launch.ts';
import { isLive, isOpenIntent } from '../../core/burst/plan-launch.ts';
import { Fault } from '../../core/errors.ts';
import type { FleetView } from '../../core/ledger/view.ts';
import type { BurstPorts } from './burst-ports.ts';

/** Deletes groups that no open launch and no living instance names (burst.md 4.6); tells how many. */
export async function sweepGroups(
  groups: readonly string[],
  fleet: FleetView,
  ports: BurstPorts,
): Promise<number> {
  const living = new Set(fleet.instances.filter(isLive).map(({ intentId }) => intentId));
  const used = new Set(
    fleet.intents
      .filter((intent) => isOpenIntent(intent) || living.has(intent.intentId))
      .map((intent) => launchStepOf(intent).request.placementGroup),
  );
  let deleted = 0;
  for (const name of groups.filter((group) => !used.has(group))) {
    const isFree = !(await isBegun(name, ports));
    deleted += isFree && (await deleteGroup(name, ports)) ? 1 : 0;
  }
  return deleted;
}

/**
 * A requeued job counts its attempts anew: since our listing a resume may have taken the same name again
 * (F27). Once its instances are there EC2 itself does not delete it.
 */
async function isBegun(name: string, { ledger }: BurstPorts): Promise<boolean> {
  const { fleet } = await ledger.read({ fleet: { begun: true } });
  return fleet.intents.some(
    (intent) => isOpenIntent(intent) && launchStepOf(intent).request.placementGroup === name,
  );
}

async function deleteGroup(name: string, { cloud, log }: BurstPorts): Promise<boolean> {
  try {
    return await cloud.deletePlacementGroup(name);
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    log.write('warn', 'group_not_deleted', { group: name, msg: error.message });
    return false;
  }
}
