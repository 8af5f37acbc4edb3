import { closeInstances } from '../../../core/burst/cost/close.ts';
import { nodePlace } from '../../../core/burst/node-names.ts';
import type { HoldRow, InstanceRow } from '../../../core/ledger/rows.ts';
import type { Evidence, SettlePorts } from './pass.ts';
import { type Plans, planInstances } from './plan-instances.ts';

/** Instances of one transaction: with their segments and shares about 500 rows. */
const INSTANCES_AT_ONCE = 60;

export interface Closing {
  /** Jobs that SLURM does not account for now: they may have had any node of their partition. */
  readonly missing: readonly HoldRow[];
  readonly without: ReadonlySet<number>;
}

/** Writes down the usage of every instance that is over, and closes it. Answers how many. */
export async function closeEnded(
  ports: SettlePorts,
  evidence: Evidence,
  { missing, without }: Closing,
): Promise<number> {
  const { fleet } = await ports.ledger.read({ fleet: { open: true } });
  const unsure = new Set(missing.map(({ partition }) => partition));
  const ended = fleet.instances.filter(
    (row) => isOver(row) && !unsure.has(partitionOf(ports, row, missing)),
  );
  const plans = await planInstances(ports, evidence, {
    instances: ended,
    intents: fleet.intents,
    without,
  });
  return await writeDown(ports, plans, 'instances closed');
}

function isOver({ state, endS, endCause }: InstanceRow): boolean {
  return state !== 'closed' && endS !== undefined && endCause !== '';
}

/** Of a node that is no longer configured, any missing job may have had it. */
function partitionOf(
  { settings }: SettlePorts,
  { node }: InstanceRow,
  missing: readonly HoldRow[],
): string {
  const place = nodePlace(settings.slurm.partitions, node);
  return place?.partition ?? missing[0]?.partition ?? '';
}

/** In batches; an instance that changed since it was planned is left for the next pass. */
export async function writeDown(
  ports: SettlePorts,
  { plans, accounts }: Plans,
  verb: string,
): Promise<number> {
  let closed = 0;
  for (let at = 0; at < plans.length; at += INSTANCES_AT_ONCE) {
    const part = plans.slice(at, at + INSTANCES_AT_ONCE);
    const instanceIds = part.map(({ plan }) => plan.instanceId);
    const holdIds = [...new Set(part.flatMap((planned) => planned.holdIds))];
    const answer = await ports.ledger.decide(
      {
        scope: ports.settings.slurm.cluster_name,
        verb,
        args: { instances: instanceIds },
      },
      {
        fleet: { instanceIds, usage: true },
        holds: { holdIds, owners: true },
        accounts,
      },
      (view) =>
        closeInstances(view, {
          plans: part.map(({ plan }) => plan),
          zone: ports.settings.site.timezone,
        }),
    );
    closed += 'answer' in answer ? answer.answer.closed : 0;
  }
  return closed;
}
