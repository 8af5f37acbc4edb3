import type { RunOnNode } from '../../../core/burst/cost/plan-instance.ts';
import type { Touched } from '../../../core/burst/cost/settle-run.ts';
import { chainOf, nextRun, runBoundTo, runsUnder } from '../../../core/burst/runs/hold-runs.ts';
import type { JobRunFacts } from '../../../core/burst/runs/job-runs.ts';
import type { HoldRow, InstanceRow } from '../../../core/ledger/rows.ts';
import type { FleetView } from '../../../core/ledger/view.ts';
import { started } from './follow-runs.ts';
import { type Evidence, runsOfJob, type SettlePorts, tasksOfArray } from './pass.ts';
import { runsOnNodes } from './plan-instances.ts';

/** An open hold whose run is over for good, and the instances whose cost it waits for. */
export interface Finished {
  readonly hold: HoldRow;
  /** Undefined: SLURM has forgotten the job. */
  readonly fact: JobRunFacts | undefined;
  readonly touched: readonly Touched[];
  /** Running instances that another job has by now: their part can be written down. */
  readonly passed: readonly InstanceRow[];
}

const NEVER_S = Number.MAX_SAFE_INTEGER;
/** EC2 may still make a spot instance free that it takes back in its first hour (COST-6). */
const SPOT_FREE_SECONDS = 3600;

/** Which holds can be settled now, or as soon as their instances are written down. */
export async function finishedHolds(
  ports: SettlePorts,
  evidence: Evidence,
  forgotten: readonly HoldRow[],
): Promise<readonly Finished[]> {
  const open = await ports.ledger.read({ holds: { open: {} } });
  const jobIds = [...new Set(open.holds.flatMap(({ jobId }) => jobId ?? []))];
  const holdIds = open.holds.flatMap(({ holdId, parentId }) => [holdId, parentId ?? holdId]);
  const { holds, fleet } = await ports.ledger.read({
    holds: { jobIds },
    fleet: { holdIds, open: true, openShares: 'all' },
  });
  const onNodes = runsOnNodes(evidence, new Set(fleet.instances.map(({ node }) => node)));
  const gone = new Set(forgotten.map(({ token }) => token));
  return open.holds.flatMap((hold): readonly Finished[] => {
    if (gone.has(hold.token)) {
      return [{ hold, fact: undefined, touched: [], passed: [] }];
    }
    if (hold.jobId === undefined || isArray(evidence, hold)) {
      return [];
    }
    const job = { jobId: hold.jobId, arrayTask: hold.arrayTask };
    const chain = chainOf(holds, job);
    const runs = runsOfJob(evidence, job);
    const fact = runBoundTo(hold, runs);
    if (fact === undefined || !isDone(ports, fleet, { hold, fact, chain, runs })) {
      return [];
    }
    const under = runsUnder(chain, hold, runs);
    return [{ hold, fact, ...partsOf({ hold, under, fleet, onNodes, nowS: evidence.nowS }) }];
  });
}

export function isArray(evidence: Evidence, hold: HoldRow): boolean {
  const { jobId, arrayTask, tasks } = hold;
  return (
    tasks !== 1 ||
    (jobId !== undefined && arrayTask < 0 && tasksOfArray(evidence, jobId).length > 0)
  );
}

interface Bound {
  readonly hold: HoldRow;
  readonly fact: JobRunFacts;
  readonly chain: readonly HoldRow[];
  readonly runs: readonly JobRunFacts[];
}

/** Over, and not an attempt whose job goes on under this same hold. */
function isDone(ports: SettlePorts, fleet: FleetView, bound: Bound): boolean {
  const { hold, fact, chain, runs } = bound;
  const goesOn =
    chain.at(-1)?.holdId === hold.holdId &&
    nextRun(chain, runs) !== undefined &&
    !started(ports, fleet, hold, fact);
  return fact.phase === 'over' && !goesOn;
}

interface Surroundings {
  readonly hold: HoldRow;
  /** Every run under the hold, failed attempts included. */
  readonly under: readonly JobRunFacts[];
  readonly fleet: FleetView;
  readonly onNodes: ReadonlyMap<string, readonly RunOnNode[]>;
  readonly nowS: number;
}

function partsOf(at: Surroundings): Pick<Finished, 'touched' | 'passed'> {
  const { hold, under, fleet, onNodes } = at;
  const ours = new Set(under);
  const own = new Set(
    fleet.intents.filter(({ holdId }) => holdId === hold.holdId).map(({ intentId }) => intentId),
  );
  const near = fleet.instances.filter(
    (row) =>
      own.has(row.intentId) ||
      (onNodes.get(row.node) ?? []).some((run) => ours.has(run.fact) && hadNode(row, run)),
  );
  const running = near.filter(({ endS, state }) => endS === undefined && state !== 'closed');
  const until = new Map(
    running.map((row) => [row.instanceId, passedAt(row, onNodes.get(row.node) ?? [], ours)]),
  );
  return {
    touched: near.map(({ instanceId }) => ({
      instanceId,
      untilS: until.get(instanceId) ?? NEVER_S,
    })),
    passed: running.filter(
      (row) => until.get(row.instanceId) !== undefined && mayWrite(at.nowS, row),
    ),
  };
}

function mayWrite(nowS: number, { lifecycle, launchS }: InstanceRow): boolean {
  return lifecycle !== 'spot' || nowS - launchS >= SPOT_FREE_SECONDS;
}

function hadNode(row: InstanceRow, { allocation }: RunOnNode): boolean {
  return (allocation.endS ?? NEVER_S) >= row.launchS && allocation.startS < (row.endS ?? NEVER_S);
}

/** The newest start of another job on a running instance, when it comes after all of ours. */
function passedAt(
  row: InstanceRow,
  runs: readonly RunOnNode[],
  ours: ReadonlySet<JobRunFacts>,
): number | undefined {
  const ends = runs
    .filter(({ fact }) => ours.has(fact))
    .flatMap(({ allocation }) => [allocation.startS + 1, allocation.endS ?? NEVER_S]);
  const starts = runs
    .filter(({ fact, allocation }) => !ours.has(fact) && allocation.startS > row.launchS)
    .map(({ allocation }) => allocation.startS);
  const newest = Math.max(0, ...starts);
  return newest > row.launchS && newest >= Math.max(0, ...ends) ? newest : undefined;
}
