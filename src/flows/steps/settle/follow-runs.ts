import { chainOf, nextRun, runBoundTo } from '../../../core/burst/runs/hold-runs.ts';
import type { JobRunFacts } from '../../../core/burst/runs/job-runs.ts';
import { hasStarted, paidElsewhere } from '../../../core/burst/runs/started.ts';
import { bindHold } from '../../../core/ledger/bind-hold.ts';
import type { HoldRow } from '../../../core/ledger/rows.ts';
import type { FleetView } from '../../../core/ledger/view.ts';
import { isBurstNode } from '../find-hold.ts';
import { placeNextRunHold } from '../next-run-hold.ts';
import { lifeOfRun } from './bind-seen.ts';
import { type Evidence, jobText, runsOfJob, type SettlePorts, tried } from './pass.ts';

/**
 * Lets the holds of requeued jobs follow (reliability.md 1.1, Arrays and runs): to the next run while
 * none under it has started; after that the next run has a hold of its own, or none when there is no
 * money: what runs goes on, its cost is late.
 */
export async function followRuns(ports: SettlePorts, evidence: Evidence): Promise<void> {
  const open = await ports.ledger.read({ holds: { open: {} } });
  const jobIds = [...new Set(open.holds.flatMap(({ jobId }) => jobId ?? []))];
  const holdIds = open.holds.flatMap(({ holdId, parentId }) => [holdId, parentId ?? holdId]);
  const { holds, fleet } = await ports.ledger.read({
    holds: { jobIds },
    fleet: { holdIds, open: true, openShares: 'all' },
  });
  const jobs = new Map(holds.map((hold) => [jobText(hold), hold]));
  for (const { jobId, arrayTask } of jobs.values()) {
    if (jobId !== undefined) {
      const job = { jobId, arrayTask };
      await followJob(ports, fleet, {
        chain: chainOf(holds, job),
        runs: runsOfJob(evidence, job),
      });
    }
  }
}

interface Job {
  readonly chain: readonly HoldRow[];
  readonly runs: readonly JobRunFacts[];
}

async function followJob(ports: SettlePorts, fleet: FleetView, job: Job): Promise<void> {
  let chain: readonly HoldRow[] | undefined = job.chain;
  // Each round leads to a later run.
  for (let round = 0; chain !== undefined && round <= job.runs.length; round += 1) {
    chain = await followOnce(ports, fleet, { chain, runs: job.runs });
  }
}

/** The chain with its newest hold moved on; undefined: it stays where it is. */
async function followOnce(
  ports: SettlePorts,
  fleet: FleetView,
  { chain, runs }: Job,
): Promise<readonly HoldRow[] | undefined> {
  const newest = chain.at(-1);
  const next = nextRun(chain, runs);
  if (newest === undefined || next === undefined) {
    return undefined;
  }
  const bound = runBoundTo(newest, runs);
  const hasBegun = bound !== undefined && started(ports, fleet, newest, bound);
  if (newest.state !== 'open' || hasBegun) {
    await placeNext(ports, newest, next);
    return undefined;
  }
  // Until sacct has told how the run before ended, nothing is known of it.
  const moved = bound?.phase === 'over' ? await rebind(ports, newest, next) : undefined;
  return moved === undefined ? undefined : [...chain.slice(0, -1), moved];
}

/** Has the job itself begun under this hold? Then the hold stays with that run. */
export function started(
  { settings }: Pick<SettlePorts, 'settings'>,
  fleet: FleetView,
  hold: HoldRow,
  run: JobRunFacts,
): boolean {
  const own = run.allocations.some(({ nodeList, startS }) =>
    hasStarted({ nodeList, startS }, fleet, (node) => isBurstNode(settings, node)),
  );
  return own || paidElsewhere(fleet, hold.holdId);
}

async function rebind(
  ports: SettlePorts,
  hold: HoldRow,
  next: JobRunFacts,
): Promise<HoldRow | undefined> {
  const restart = hold.restart + 1;
  const run = { ...next.run, restart };
  const expiresS = Math.max(hold.expiresS, lifeOfRun(ports, next));
  const { jobId, arrayTask, submitS } = run;
  const answer = await tried(ports, hold.token, () =>
    ports.ledger.decide(
      {
        scope: ports.settings.slurm.cluster_name,
        verb: 'bind',
        args: { token: hold.token, jobId, arrayTask, submitS, restart },
      },
      { holds: { tokens: [hold.token], jobIds: [jobId] } },
      (view) => bindHold(view, { token: hold.token, run, expiresS }),
    ),
  );
  return answer === undefined ? undefined : { ...hold, ...run, expiresS };
}

/** A run that waits gets its hold at resume; one that is over needs none any more. */
async function placeNext(ports: SettlePorts, after: HoldRow, next: JobRunFacts): Promise<void> {
  const isRunning = next.phase === 'live' && next.allocations.length > 0;
  if (!isRunning) {
    return;
  }
  const { account, userName, partition, state, startS, timeLimitSeconds } = next;
  const run = { ...next.run, restart: after.restart + 1 };
  const placed = await tried(ports, after.token, () =>
    placeNextRunHold(ports, {
      job: { account, userName, partition, state, startS, timeLimitSeconds },
      run,
      after,
    }),
  );
  if (placed === undefined) {
    ports.log.write('error', 'run_without_hold', { job_id: jobText(next.run), account });
  }
}
