import { bootFailuresNote } from '../../core/burst/boot-failures.ts';
import { isLive } from '../../core/burst/plan-launch.ts';
import { suspectsNote } from '../../core/burst/suspects.ts';
import { EXIT, Fault } from '../../core/errors.ts';
import type { FleetView, View } from '../../core/ledger/view.ts';
import type { CloudInstance } from '../../ports/cloud.ts';
import type { QueuedJob, SlurmNode } from '../../ports/slurm.ts';
import { type BurstPorts, nowS } from './burst-ports.ts';

/** Everything that reconcile looks at; `problems` not empty: nothing destructive (burst.md 9.1). */
export interface Listings {
  readonly nodes: readonly SlurmNode[];
  readonly queue: readonly QueuedJob[];
  /** Undefined: EC2's listing failed or was partial (F30). */
  readonly instances: readonly CloudInstance[] | undefined;
  readonly groups: readonly string[];
  readonly view: View;
  /** Intents with this number or a higher one were planned after SLURM had been asked. */
  readonly firstNewIntentId: number;
  readonly problems: readonly string[];
  /** EC2's clock and ours disagree: no time of ours is worth writing down (F47). */
  readonly isClockOff: boolean;
}

const MS_PER_SECOND = 1000;
/** EC2's clock may differ from ours so much before nothing is believed any more (burst.md F47). */
const SKEW_MAX_S = 300;

/**
 * SLURM first, then a pause, then EC2: a node just bound is not taken for an orphan. Placement groups
 * come before the ledger, which therefore knows of every intent that could use one of them.
 */
export async function reconcileListings(ports: BurstPorts): Promise<Listings> {
  const problems: string[] = [];
  async function ask<T>(question: Promise<T>, otherwise: T): Promise<T> {
    try {
      return await question;
    } catch (error) {
      problems.push(messageOf(error));
      return otherwise;
    }
  }
  const { slurm, cloud, ledger, clock, settings } = ports;
  const cluster = settings.slurm.cluster_name;
  const firstNewIntentId = (await ledger.read({})).next.intentId;
  const [nodes, queue, config] = [
    await ask(slurm.nodes(), []),
    await ask(slurm.queue(), []),
    await ask(slurm.config(), {}),
  ];
  await clock.sleep(settings.burst.reconcile_gap * MS_PER_SECOND);
  const [instances, groups] = await Promise.all([
    ask<readonly CloudInstance[] | undefined>(
      cloud.instances({ by: 'cluster', cluster }),
      undefined,
    ),
    ask(cloud.placementGroups(cluster), []),
  ]);
  const view = await ledger.read({
    fleet: { open: true },
    notes: [suspectsNote(cluster), bootFailuresNote(cluster)],
  });
  const skew = skewProblem(ports);
  problems.push(
    ...privateDataProblem(config),
    ...noNodesProblem(nodes, view.fleet, problems.length > 0),
    ...skew,
  );
  return {
    nodes,
    queue,
    instances,
    groups: groups.map(({ name }) => name),
    view,
    firstNewIntentId,
    problems,
    isClockOff: skew.length > 0,
  };
}

/** scontrol that answers without a single node, while instances run, says nothing about them. */
function noNodesProblem(
  nodes: readonly SlurmNode[],
  fleet: FleetView,
  isTold: boolean,
): readonly string[] {
  const isSilent = nodes.length === 0 && fleet.instances.some(isLive);
  return isSilent && !isTold ? ['SLURM shows no nodes at all while instances run'] : [];
}

/**
 * The same with the instances that have an open row and are in no listing, asked for by their ids:
 * intents decide, whatever became of the tags (F53). Usually there are none and nothing is asked.
 */
export async function withUnlisted<T extends Listings>(
  listings: T & { readonly instances: readonly CloudInstance[] },
  fleet: FleetView,
  ports: BurstPorts,
): Promise<T & { readonly instances: readonly CloudInstance[] }> {
  const listed = new Set(listings.instances.map(({ instanceId }) => instanceId));
  const ids = fleet.instances
    .filter(({ instanceId, endCause }) => endCause === '' && !listed.has(instanceId))
    .map(({ instanceId }) => instanceId);
  if (ids.length === 0) {
    return listings;
  }
  try {
    const found = await ports.cloud.instances({ by: 'ids', ids });
    return { ...listings, instances: [...listings.instances, ...found] };
  } catch (error) {
    return { ...listings, problems: [...listings.problems, messageOf(error)] };
  }
}

/** Without it powered-down nodes look deleted, also to root. */
function privateDataProblem(config: Readonly<Record<string, string>>): readonly string[] {
  const shown = config['PrivateData'] ?? '';
  return shown.toLowerCase().split(',').includes('cloud')
    ? []
    : [`PrivateData of slurm.conf is "${shown}", without cloud: powered-down nodes are not shown`];
}

function skewProblem(ports: BurstPorts): readonly string[] {
  const theirs = ports.cloud.serverTimeS();
  const skew = theirs === undefined ? 0 : Math.abs(theirs - nowS(ports));
  return skew > SKEW_MAX_S ? [`EC2's clock differs from ours by ${skew} s`] : [];
}

function messageOf(error: unknown): string {
  if (!(error instanceof Fault) || error.exitCode === EXIT.integrity) {
    throw error;
  }
  return error.message;
}
