import { launchClassOf } from '../../core/burst/errors.ts';
import { launchStepOf } from '../../core/burst/launch.ts';
import { MANAGED_BY, TAG } from '../../core/burst/tags.ts';
import type { IntentRow } from '../../core/ledger/rows.ts';
import type { CloudRefusal } from '../../ports/cloud.ts';
import { type BurstPorts, chance } from './burst-ports.ts';
import { type Deadline, pause } from './deadline.ts';

const TRIES_MAX = 5;
const FIRST_PAUSE_MS = 500;

/**
 * The placement groups that these intents name exist (burst.md 5.1 step 6). Creating one twice is no
 * mistake, so a call without a clear answer is simply made again. The last refusal otherwise.
 */
export async function ensurePlacementGroups(
  intents: readonly IntentRow[],
  ports: BurstPorts,
  deadline: Deadline,
): Promise<CloudRefusal | undefined> {
  const named = new Map(intents.map((intent) => [groupOf(intent), intent]));
  for (const [name, intent] of named) {
    const refusal = name === undefined ? undefined : await ensure(name, intent, ports, deadline);
    if (refusal !== undefined) {
      return refusal;
    }
  }
  return undefined;
}

/** Undefined also for a group that an execution plan named: it exists. */
function groupOf(intent: IntentRow): string | undefined {
  const { request, placementStrategy } = launchStepOf(intent);
  return placementStrategy === undefined ? undefined : request.placementGroup;
}

async function ensure(
  name: string,
  intent: IntentRow,
  ports: BurstPorts,
  deadline: Deadline,
): Promise<CloudRefusal | undefined> {
  const strategy = launchStepOf(intent).placementStrategy ?? 'cluster';
  const tags = {
    [TAG.managedBy]: MANAGED_BY,
    [TAG.cluster]: ports.settings.slurm.cluster_name,
    [TAG.attempt]: `${intent.attempt}`,
    ...(intent.jobId === undefined ? {} : { [TAG.job]: `${intent.jobId}` }),
  };
  for (let tries = 1; ; tries += 1) {
    const refusal = await ports.cloud.createPlacementGroup(name, strategy, tags);
    if (refusal === undefined || tries >= TRIES_MAX || !mayPass(refusal)) {
      return refusal;
    }
    const wait = FIRST_PAUSE_MS * 2 ** (tries - 1) * (1 + chance(ports));
    if (!(await pause(ports, wait, deadline))) {
      return refusal;
    }
  }
}

/** Code '' and status 0: no answer came. */
function mayPass({ code, status }: CloudRefusal): boolean {
  const as = code === '' && status === 0 ? 'unknown' : launchClassOf(code, status);
  return as === 'throttle' || as === 'unknown';
}
