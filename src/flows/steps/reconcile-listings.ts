import { bootFailuresNote } from '../../core/burst/boot-failures.ts';
import { suspectsNote } from '../../core/burst/suspects.ts';
import { EXIT, Fault } from '../../core/errors.ts';
import type { View } from '../../core/ledger/view.ts';
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
  readonly problems: readonly string[];
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
  problems.push(...privateDataProblem(config), ...skewProblem(ports));
  return { nodes, queue, instances, groups: groups.map(({ name }) => name), view, problems };
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
