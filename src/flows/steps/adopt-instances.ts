import {
  type Adoption,
  adoptionTags,
  adoptionToken,
  recordAdopted,
  recordAdoption,
} from '../../core/burst/adopt.ts';
import { groupName, nodePlace } from '../../core/burst/node-names.ts';
import type { NodeVerdict } from '../../core/burst/reconcile-plan.ts';
import { templateName, volumeCosts } from '../../core/burst/volumes.ts';
import type { NodeGroupSettings } from '../../core/config/settings.ts';
import { Fault } from '../../core/errors.ts';
import { heldRate } from '../../core/estimate/hold-estimate.ts';
import type { HoldRow } from '../../core/ledger/rows.ts';
import { dearer, type Rate, ZERO_RATE } from '../../core/money/rate.ts';
import type { BurstPorts } from './burst-ports.ts';
import { note } from './decide-burst.ts';
import { findHold } from './find-hold.ts';

/**
 * Instances that run our nodes without an intent of this ledger become its own: an intent, their tags,
 * a row, in this order; each of the three may be done again (burst.md 9.2, F46). Tells how many.
 */
export async function adoptInstances(
  verdicts: readonly NodeVerdict[],
  ports: BurstPorts,
): Promise<number> {
  let adopted = 0;
  for (const verdict of verdicts.filter(({ acts }) => acts.includes('adopt'))) {
    adopted += (await adopt(verdict, ports)) ? 1 : 0;
  }
  return adopted;
}

async function adopt(verdict: NodeVerdict, ports: BurstPorts): Promise<boolean> {
  try {
    const adoption = await adoptionOf(verdict, ports);
    if (adoption === undefined) {
      return false;
    }
    await perform(adoption, ports);
    return true;
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    ports.log.write('error', 'not_adopted', {
      node: verdict.node,
      instance_id: verdict.stray?.instanceId,
      msg: error.message,
    });
    return false;
  }
}

async function adoptionOf(
  { stray, node, jobIds }: NodeVerdict,
  ports: BurstPorts,
): Promise<Adoption | undefined> {
  const place = nodePlace(ports.settings.slurm.partitions, node);
  if (stray === undefined || place === undefined) {
    return undefined;
  }
  const isItsJob = stray.jobId !== undefined && jobIds.includes(stray.jobId);
  const jobId = isItsJob ? stray.jobId : jobIds[0];
  const hold = jobId === undefined ? undefined : await holdOf(jobId, ports);
  const own = ports.rateOf(place.group, stray.instanceType);
  if (own === undefined) {
    ports.log.write('warn', 'price_missing', { instance: stray.instanceId });
  }
  const known = ports.volumes?.read()[templateName(place.group)];
  return {
    ...{ stray, node, nodeGroup: groupName(place), jobId, holdId: hold?.holdId },
    rate: own ?? heldRate(hold) ?? dearestOf(place.group, ports),
    isPriceMissing: own === undefined,
    volumes: volumeCosts(known, ports.settings.cost),
  };
}

/** Undefined where the job has none that is open: then the site pays. */
async function holdOf(jobId: number, ports: BurstPorts): Promise<HoldRow | undefined> {
  const job = (await ports.slurm.job(jobId)).find((each) => each.jobId === jobId);
  const found = job === undefined ? undefined : await findHold(ports, job);
  return found?.kind === 'open' ? found.hold : undefined;
}

/** What a node group's dearest type costs; 0 only where nobody knows any price of it. */
function dearestOf(group: NodeGroupSettings, { rateOf }: BurstPorts): Rate {
  return group.launch_template_overrides
    .flatMap(({ instance_type: type }) => rateOf(group, type) ?? [])
    .reduce((most, rate) => (dearer(rate, most) ? rate : most), ZERO_RATE);
}

async function perform(adoption: Adoption, ports: BurstPorts): Promise<void> {
  const { instanceId } = adoption.stray;
  const args = { instance: instanceId, node: adoption.node };
  const intentId = await note(
    ports,
    { verb: 'adoption planned', args },
    { fleet: { clientTokens: [adoptionToken(instanceId)] } },
    (view) => recordAdoption(view, adoption),
  );
  await ports.cloud.tag([instanceId], adoptionTags(intentId, adoption));
  await note(
    ports,
    { verb: 'instance adopted', args: { ...args, intent: intentId } },
    { fleet: { intentIds: [intentId], instanceIds: [instanceId] } },
    (view) => recordAdopted(view, intentId, adoption),
  );
  ports.log.write('error', 'instance_adopted', { node: adoption.node, instance_id: instanceId });
}
