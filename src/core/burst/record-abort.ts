import type { Settings } from '../config/settings.ts';
import type { Change, Decision } from '../ledger/change.ts';
import type { IntentRow } from '../ledger/rows.ts';
import type { View } from '../ledger/view.ts';
import {
  type AbortCause,
  abortsNote,
  abortsText,
  jobFate,
  moreAborts,
  type Owed,
  parseAborts,
  withoutAborts,
  withoutOwed,
} from './aborts.ts';
import { type BrokenGroups, brokenNote, brokenText, parseBroken } from './broken-groups.ts';
import { foundState } from './overtaken.ts';
import { isOpenIntent } from './plan-launch.ts';
import type { Recorded } from './record.ts';

export interface AbortRecord {
  readonly intentIds: readonly number[];
  readonly jobIds: readonly number[];
  readonly attempt: number;
  readonly cause: AbortCause;
  /** As the intents and their rows were when it was decided; absent: they are the caller's own. */
  readonly found?: string | undefined;
  readonly rules: Pick<Settings['burst'], 'requeue_delay' | 'max_aborts_per_job'>;
  /** 0 to 1, for jitter. */
  readonly chance: number;
}

/**
 * Step 2 of the abort (burst.md 9.5): the attempt is given up, its jobs have one more failed start.
 * Intents that were aborted before do not count again. A call that was never made is `failed`; one
 * without a clear answer stays open until a complete listing has settled it. The hold stays. What the
 * jobs are due is written with it, and done by this run or, where slurmctld takes its time, by the next.
 * `lost`: what was found is not so any more (F45).
 */
export function recordAborted(view: View, record: AbortRecord): Decision<Recorded> {
  if (record.found !== undefined && record.found !== foundState(view.fleet, record.intentIds)) {
    return { changes: [], answer: 'lost' };
  }
  const fresh = view.fleet.intents.filter(
    (intent) => record.intentIds.includes(intent.intentId) && !intent.aborted,
  );
  if (fresh.length === 0 && record.intentIds.length > 0) {
    return { changes: [], answer: 'done' };
  }
  const name = abortsNote(view.clusterName);
  const aborts = moreAborts(parseAborts(view.notes[name]), record.jobIds, view.nowS, (count) =>
    owedAfter(count, record, view.nowS),
  );
  return {
    changes: [
      ...fresh.map(
        (intent): Change => ({ change: 'putIntent', row: aborted(intent, record.cause.code) }),
      ),
      { change: 'putNote', name, value: abortsText(aborts) },
    ],
    answer: 'done',
  };
}

/** Calls of other jobs for nodes that SLURM has given away since: given up, and nobody is due anything. */
export function recordLeftBehind(view: View, intentIds: readonly number[]): Decision<number> {
  const fresh = view.fleet.intents.filter(
    (intent) => intentIds.includes(intent.intentId) && isOpenIntent(intent) && !intent.aborted,
  );
  return {
    changes: fresh.map(
      (intent): Change => ({ change: 'putIntent', row: aborted(intent, 'ResumeDied') }),
    ),
    answer: fresh.length,
  };
}

function owedAfter(count: number, record: AbortRecord, nowS: number): Owed {
  const { cause, attempt, rules, chance } = record;
  const fate = jobFate(cause, count, rules, { nowS, chance });
  return {
    code: cause.code,
    sentence: cause.sentence,
    attempt,
    ...(fate.kind === 'delay' ? { untilS: nowS + fate.seconds } : {}),
  };
}

/** SLURM knows of these aborts, or their jobs have ended. */
export function recordTold(
  view: View,
  told: readonly { readonly jobId: number; readonly atS: number }[],
): Decision<number> {
  const name = abortsNote(view.clusterName);
  const aborts = withoutOwed(parseAborts(view.notes[name]), told);
  return {
    changes: [{ change: 'putNote', name, value: abortsText(aborts) }],
    answer: told.length,
  };
}

function aborted(intent: IntentRow, code: string): IntentRow {
  return {
    ...intent,
    aborted: true,
    state: intent.state === 'planned' ? 'failed' : intent.state,
    code: intent.code === '' ? code : intent.code,
  };
}

/** A job that runs on every one of its nodes, since `startS`. */
export interface StartedJob {
  readonly jobId: number;
  readonly startS: number;
}

/** Their failed starts are no longer in a row (burst.md 9.5 step 5); an abort since then stays. */
export function recordStarted(view: View, started: readonly StartedJob[]): Decision<number> {
  const name = abortsNote(view.clusterName);
  const before = parseAborts(view.notes[name]);
  const done = started.filter(({ jobId, startS }) => startS > (before[`${jobId}`]?.atS ?? startS));
  const rest = withoutAborts(
    before,
    done.map(({ jobId }) => jobId),
  );
  return {
    changes: rest === before ? [] : [{ change: 'putNote', name, value: abortsText(rest) }],
    answer: done.length,
  };
}

/** The group is not asked for again until `config` is another one (burst.md 5.6, class request). */
export function recordBroken(
  view: View,
  group: { readonly name: string; readonly code: string; readonly config: string },
): Decision<number> {
  const name = brokenNote(view.clusterName);
  const groups: BrokenGroups = {
    ...parseBroken(view.notes[name]),
    [group.name]: { code: group.code, config: group.config, atS: view.nowS },
  };
  return { changes: [{ change: 'putNote', name, value: brokenText(groups) }], answer: 1 };
}
