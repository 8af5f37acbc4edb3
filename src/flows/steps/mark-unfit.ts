import { launchStepOf } from '../../core/burst/launch.ts';
import { groupName, nodePlace } from '../../core/burst/node-names.ts';
import type { NodeVerdict } from '../../core/burst/reconcile-plan.ts';
import { recordUnfit, type UnfitType, unfitNote } from '../../core/burst/unfit-types.ts';
import type { BurstPorts } from './burst-ports.ts';
import { note } from './decide-burst.ts';
import { groupConfig } from './group-config.ts';

/** Types whose slurmd has less than slurm.conf promises are not launched for that group again (F14). */
export async function markUnfit(
  verdicts: readonly NodeVerdict[],
  ports: BurstPorts,
): Promise<void> {
  const types = verdicts.flatMap((verdict) => unfitType(verdict, ports) ?? []);
  if (types.length === 0) {
    return;
  }
  const names = [...new Set(types.map((each) => `${each.nodeGroup} ${each.instanceType}`))];
  const query = { notes: [unfitNote(ports.settings.slurm.cluster_name)] };
  await note(ports, { verb: 'types unfit', args: { types: names } }, query, (view) =>
    recordUnfit(view, types),
  );
  for (const type of names) {
    ports.log.write('error', 'type_unfit', {
      type,
      msg: 'SLURM calls its nodes invalid: compare slurm_specifications and NodeName with slurmd -C',
    });
  }
}

function unfitType({ node, row, intent }: NodeVerdict, ports: BurstPorts): UnfitType | undefined {
  const place = nodePlace(ports.settings.slurm.partitions, node);
  if (place === undefined || row === undefined || intent === undefined) {
    return undefined;
  }
  const { request } = launchStepOf(intent);
  const template = { id: request.launchTemplateId, version: request.launchTemplateVersion };
  return {
    nodeGroup: groupName(place),
    instanceType: row.instanceType,
    config: groupConfig(place, template, ports),
  };
}
