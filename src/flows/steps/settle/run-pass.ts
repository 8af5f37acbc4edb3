import type { HoldRow } from '../../../core/ledger/rows.ts';
import { findHold } from '../find-hold.ts';
import { bindSeen } from './bind-seen.ts';
import { closeEnded } from './close-instances.ts';
import { writeFinals } from './cost-file.ts';
import { finishedHolds } from './finished-holds.ts';
import { followRuns } from './follow-runs.ts';
import { expireUnseen, type Missing, touchLive, watchMissing } from './keep-alive.ts';
import { linkChecked } from './link-checked.ts';
import { type Evidence, gatherEvidence, runsOfJob, type SettlePorts } from './pass.ts';
import { releaseArrays } from './release-arrays.ts';
import { type Settled, settleFinished, settleLate } from './settle-finished.ts';
import { isLocal, type LocalOutcome, settleLocal } from './settle-local.ts';

/** What one pass did; every list names holds as they were before. */
export interface PassOutcome {
  readonly evidence: Evidence;
  readonly bound: number;
  readonly closed: number;
  readonly expired: readonly HoldRow[];
  readonly released: readonly HoldRow[];
  readonly settled: readonly Settled[];
  /** Runs on nodes of the site's own. */
  readonly local: readonly LocalOutcome[];
  readonly late: number;
}

/**
 * Brings every hold to where its job is (budget.md 5, burst.md 7.9, 7.10): binds, follows requeues,
 * lengthens lives, writes down the usage of ended instances, charges, gives back. Nothing is concluded
 * from a listing that failed: that is a Fault (75) before anything is touched.
 */
export async function settlePass(ports: SettlePorts): Promise<PassOutcome> {
  const evidence = await gatherEvidence(ports);
  await linkChecked(ports, evidence);
  const sightings = await bindSeen(ports, evidence);
  await followRuns(ports, evidence);
  await touchLive(ports, evidence);
  const missing = await watchMissing(ports, evidence);
  const forgotten = await trulyForgotten(ports, evidence, missing);
  const expired = await expireUnseen(ports, evidence, sightings);
  const closed = await closeEnded(ports, evidence, {
    missing: missing.holds.filter((hold) => !forgotten.includes(hold)),
    without: sightings.without,
  });
  const finished = await finishedHolds(ports, evidence, forgotten);
  const own = finished.filter((each) => isLocal(ports, each));
  const others = finished.filter((each) => !own.includes(each));
  const settled = await settleFinished(ports, evidence, others, sightings.without);
  const local = await settleLocal(ports, evidence, own);
  const late = await settleLate(ports, evidence);
  const released = await releaseArrays(ports, evidence);
  await writeFinals(ports, evidence);
  return {
    evidence,
    bound: sightings.bound,
    closed,
    expired,
    released,
    settled,
    local,
    late: late.length,
  };
}

/** A job that lives on under a later submission is asked for by name: its hold follows, or stays behind. */
async function trulyForgotten(
  ports: SettlePorts,
  evidence: Evidence,
  { forgotten }: Missing,
): Promise<readonly HoldRow[]> {
  const gone: HoldRow[] = [];
  for (const hold of forgotten) {
    const { jobId, arrayTask } = hold;
    const runs = jobId === undefined ? [] : runsOfJob(evidence, { jobId, arrayTask });
    const live = runs.findLast(({ phase }) => phase === 'live');
    const jobs = live === undefined ? [] : await ports.slurm.job(live.rawId);
    const job = jobs.find((each) => each.submitS === live?.run.submitS);
    const found = job === undefined ? undefined : await findHold(ports, job);
    if (live === undefined || (found !== undefined && found.kind !== 'open')) {
      gone.push(hold);
    }
  }
  return gone;
}
