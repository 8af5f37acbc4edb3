import type { FleetView } from '../../ledger/view.ts';
import { expandNodelist, isNodelistError } from '../../slurm/nodelist.ts';

/** A run that is over, as sacct tells it. */
export interface PastRun {
  /** '' when nodes were never assigned. */
  readonly nodeList: string;
  readonly startS: number | undefined;
}

export type IsBurstNode = (node: string) => boolean;

export function nodesOf(nodeList: string): readonly string[] {
  const names = nodeList === '' ? [] : expandNodelist(nodeList, { unique: true });
  return isNodelistError(names) ? [] : names;
}

/**
 * Did the job itself start, or was it only waiting for nodes? sacct's Start of an attempt that never
 * booted is the moment of its allocation, before any of its instances was launched; of a run that
 * started it is after all of them (burst.md 7.10, 8.3; slurm-lab README).
 */
export function hasStarted(
  run: PastRun,
  fleet: Pick<FleetView, 'instances' | 'intents'>,
  isBurst: IsBurstNode,
): boolean {
  const { startS } = run;
  // A launch that was given up never carried a job, whatever the clocks say.
  const aborted = new Set(
    fleet.intents.filter((intent) => intent.aborted).map(({ intentId }) => intentId),
  );
  const instances = fleet.instances.filter(({ intentId }) => !aborted.has(intentId));
  const nodes = nodesOf(run.nodeList).filter(isBurst);
  return (
    startS !== undefined &&
    nodes.length > 0 &&
    nodes.every((node) =>
      instances.some(
        (each) =>
          each.node === node &&
          each.launchS <= startS &&
          (each.endS === undefined || startS < each.endS),
      ),
    )
  );
}

/**
 * The same without sacct's word (it lags): an attempt that was given up never started (burst.md 9.5).
 * With no instance at all nothing started.
 */
export function seemsStarted(fleet: FleetView, holdId: number): boolean {
  const lives = fleet.intents.filter((intent) => intent.holdId === holdId && !intent.aborted);
  return lives.some(({ intentId }) => fleet.instances.some((each) => each.intentId === intentId));
}

/** A share of an instance that another hold's job had launched: it ran there. */
export function paidElsewhere(fleet: FleetView, holdId: number): boolean {
  const own = new Set(fleet.instances.map(({ instanceId }) => instanceId));
  const segments = new Map(fleet.usage.map((row) => [row.usageId, row.instanceId]));
  return fleet.shares.some(
    (share) => share.holdId === holdId && !own.has(segments.get(share.usageId) ?? ''),
  );
}
