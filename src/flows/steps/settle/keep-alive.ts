import type { JobRunFacts } from '../../../core/burst/runs/job-runs.ts';
import { tokenOf } from '../../../core/burst/runs/look-up.ts';
import { touchHolds } from '../../../core/ledger/bind-hold.ts';
import { expireHold } from '../../../core/ledger/end-hold.ts';
import type { HoldRow } from '../../../core/ledger/rows.ts';
import { lifeOfRun, type Sightings } from './bind-seen.ts';
import { type Evidence, runsOfJob, type SettlePorts, tasksOfArray, tried } from './pass.ts';

const MS_PER_SECOND = 1000;
/** Rows of one transaction at most (reliability.md 2.2). */
const ROWS_MAX = 500;
/** A waiting job's hold moves with the clock: not worth a journal row each minute. */
const SLACK_SHARE = 4;

/** Every sighting of a live job lengthens the life of its hold (burst.md 7.9). */
export async function touchLive(ports: SettlePorts, evidence: Evidence): Promise<void> {
  const { holds } = await ports.ledger.read({ holds: { open: {} } });
  const expiresS = new Map<string, number>();
  for (const hold of holds) {
    const live = liveRunsOf(evidence, hold);
    if (live.length > 0) {
      const lives = live.map((fact) => lifeOfRun(ports, fact));
      expiresS.set(hold.token, Math.max(...lives));
    }
  }
  const slackS = Math.floor(ports.settings.budget.evidence_grace / MS_PER_SECOND / SLACK_SHARE);
  const wanted = holds
    .filter((hold) => (expiresS.get(hold.token) ?? 0) > hold.expiresS + slackS)
    .map(({ token }) => token);
  for (let at = 0; at < wanted.length; at += ROWS_MAX) {
    const tokens = wanted.slice(at, at + ROWS_MAX);
    const scope = ports.settings.slurm.cluster_name;
    await ports.ledger.decide(
      { scope, verb: 'holds seen', args: { count: tokens.length } },
      { holds: { tokens } },
      (view) => touchHolds(view, { expiresS, slackS }),
    );
  }
}

/** Of an array's hold: every live task that has no hold of its own yet counts. */
function liveRunsOf(evidence: Evidence, hold: HoldRow): readonly JobRunFacts[] {
  const { jobId, arrayTask } = hold;
  if (jobId === undefined) {
    return [];
  }
  const own = runsOfJob(evidence, { jobId, arrayTask });
  const tasks = arrayTask < 0 ? tasksOfArray(evidence, jobId) : [];
  return [...own, ...tasks].filter(({ phase }) => phase === 'live');
}

/**
 * Holds that no job showed up for: their short life is over, and the token stands nowhere in listings
 * that were complete (burst.md 7.9). Answers the holds that ended.
 */
export async function expireUnseen(
  ports: SettlePorts,
  evidence: Evidence,
  sightings: Sightings,
): Promise<readonly HoldRow[]> {
  const view = await ports.ledger.read({ holds: { open: { expiresBeforeS: evidence.nowS } } });
  const shown = new Set(
    [...evidence.jobs.values()].flat().map(({ adminComment }) => tokenOf(adminComment)),
  );
  const unseen = view.holds.filter(
    ({ jobId, token, userName }) =>
      jobId === undefined && !shown.has(token) && !sightings.unread.has(userName),
  );
  const ended: HoldRow[] = [];
  for (const hold of unseen) {
    const answer = await tried(ports, hold.token, () =>
      ports.ledger.decide(
        { scope: ports.settings.slurm.cluster_name, verb: 'expire', args: { token: hold.token } },
        { holds: { tokens: [hold.token], owners: true } },
        (inside) => expireHold(inside, { token: hold.token }),
      ),
    );
    if (answer !== undefined && answer.answer.state === 'expired') {
      ended.push(hold);
    }
  }
  return ended;
}

export interface Missing {
  /** Bound holds whose run neither lives nor is known to have ended: their jobs may own any node. */
  readonly holds: readonly HoldRow[];
  /** Missing for `evidence_grace` by now. */
  readonly forgotten: readonly HoldRow[];
}

/** Keeps in a note since when SLURM does not know a job; any sighting deletes it (burst.md 7.10). */
export async function watchMissing(ports: SettlePorts, evidence: Evidence): Promise<Missing> {
  const { holds } = await ports.ledger.read({ holds: { open: {} } });
  const bound = holds.filter(({ jobId }) => jobId !== undefined);
  const names = bound.map(({ token }) => missingNote(token));
  const { notes } = await ports.ledger.read({ notes: names });
  const missing = bound.filter((hold) => isMissing(evidence, hold));
  const gone = new Set(missing.map(({ token }) => token));
  const changes = bound.flatMap(({ token }) => {
    const noted = notes[missingNote(token)] ?? '';
    const wanted = gone.has(token) ? noted || String(evidence.nowS) : '';
    return noted === wanted
      ? []
      : [{ change: 'putNote' as const, name: missingNote(token), value: wanted }];
  });
  if (changes.length > 0) {
    const scope = ports.settings.slurm.cluster_name;
    const args = { count: changes.length };
    await ports.ledger.decide({ scope, verb: 'jobs missing', args }, {}, () => ({
      changes,
      answer: changes.length,
    }));
  }
  const graceS = ports.settings.budget.evidence_grace / MS_PER_SECOND;
  const forgotten = missing.filter(
    ({ token }) => evidence.nowS - Number(notes[missingNote(token)] ?? evidence.nowS) >= graceS,
  );
  return { holds: missing, forgotten };
}

export function missingNote(token: string): string {
  return `missing:${token}`;
}

function isMissing(evidence: Evidence, hold: HoldRow): boolean {
  const { jobId, arrayTask, submitS } = hold;
  if (jobId === undefined) {
    return false;
  }
  if (arrayTask < 0 && tasksOfArray(evidence, jobId).length > 0) {
    return false;
  }
  const runs = runsOfJob(evidence, { jobId, arrayTask });
  const bound = runs.find(({ run }) => run.submitS === submitS);
  return bound === undefined || bound.phase === 'unclear';
}
