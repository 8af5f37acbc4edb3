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
    deleted += (await deleteGroup(name, ports)) ? 1 : 0;
  }
  return deleted;
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
