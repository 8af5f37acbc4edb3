import {
  PENDING_FILES_NOTE,
  parsePendingFiles,
  pendingFilesText,
} from '../../../core/burst/cost/pending-files.ts';
import {
  type SettleAnswer,
  type SettleRun,
  settleRun,
} from '../../../core/burst/cost/settle-run.ts';
import { runNoteName } from '../../../core/burst/runs/run-note.ts';
import { isRefused, type Refused } from '../../../core/errors.ts';
import { mayLearn } from '../../../core/estimate/may-learn.ts';
import type { LearningSelector } from '../../../core/estimate/records.ts';
import { dayOf } from '../../../core/grant/calendar.ts';
import type { Change } from '../../../core/ledger/change.ts';
import { learningOf, recordsOf } from '../../../core/ledger/reconcile-records.ts';
import type { HoldRow } from '../../../core/ledger/rows.ts';
import type { View } from '../../../core/ledger/view.ts';
import { fromMicrosText } from '../../../core/money/money.ts';
import type { Ledger } from '../../../ports/ledger.ts';
import { writeDown } from './close-instances.ts';
import type { Finished } from './finished-holds.ts';
import { missingNote } from './keep-alive.ts';
import { type Evidence, type SettlePorts, tried } from './pass.ts';
import { planInstances } from './plan-instances.ts';

export interface Settled {
  readonly finished: Finished;
  /** Undefined: refused or failed, reported in the log. */
  readonly answer: SettleAnswer | undefined;
}

/** Charges or gives back every hold whose last share is known (reliability.md 1.1, *Cost*). */
export async function settleFinished(
  ports: SettlePorts,
  evidence: Evidence,
  finished: readonly Finished[],
  without: ReadonlySet<number>,
): Promise<readonly Settled[]> {
  await writePassed(ports, evidence, finished, without);
  const settled: Settled[] = [];
  for (const each of finished) {
    const { hold, fact, touched } = each;
    const effectiveS = fact?.endS ?? evidence.nowS;
    const answer = await tried(ports, hold.token, () =>
      settleHold(ports, hold, {
        token: hold.token,
        submitS: hold.submitS,
        touched,
        effective: { effectiveS, day: dayOf(effectiveS, ports.settings.site.timezone) },
        releaseCause: fact === undefined ? 'recovery' : fact.state.toLowerCase(),
        mayRelease: true,
        state: fact?.state,
      }),
    );
    settled.push({ finished: each, answer });
  }
  return settled;
}

/** What another job has taken over is known although the instance runs on (burst.md 8.4). */
async function writePassed(
  ports: SettlePorts,
  evidence: Evidence,
  finished: readonly Finished[],
  without: ReadonlySet<number>,
): Promise<void> {
  const rows = new Map(
    finished.flatMap(({ passed }) => passed).map((row) => [row.instanceId, row]),
  );
  if (rows.size === 0) {
    return;
  }
  const ids = [...rows.keys()];
  const { fleet } = await ports.ledger.read({ fleet: { instanceIds: ids } });
  const instances = fleet.instances.filter(({ instanceId, endS }) => {
    return rows.has(instanceId) && endS === undefined;
  });
  const plans = await planInstances(ports, evidence, {
    instances,
    intents: fleet.intents,
    without,
  });
  await writeDown(ports, plans, 'usage passed');
}

/** One transaction for one hold; its notes go with it. */
export async function settleHold(
  { ledger, settings }: { readonly ledger: Ledger; readonly settings: SettlePorts['settings'] },
  hold: HoldRow,
  ask: SettleRun & { readonly state?: string | undefined },
): Promise<SettleAnswer | Refused> {
  const { holdId, token, jobId } = hold;
  const learning = ask.state === undefined ? undefined : await learningFor(ledger, hold);
  const answer = await ledger.decide(
    {
      scope: settings.slurm.cluster_name,
      verb: 'settle',
      args: { token, job: jobId ?? null, submit_s: ask.submitS ?? null },
    },
    {
      holds: { tokens: [token], owners: true, charges: true },
      fleet: {
        holdIds: [holdId],
        instanceIds: ask.touched.map(({ instanceId }) => instanceId),
        usage: true,
        openShares: [holdId],
      },
      notes: [PENDING_FILES_NOTE],
      ...(learning === undefined ? {} : { learning }),
    },
    (view) => {
      const decision = settleRun(view, ask);
      return isRefused(decision) || decision.changes.length === 0
        ? decision
        : {
            ...decision,
            changes: [
              ...decision.changes,
              ...notesAfter(view, ask, decision.answer),
              ...recordsAfter(view, ask, decision.answer, settings),
            ],
          };
    },
  );
  return isRefused(answer) ? answer : answer.answer;
}

async function learningFor(ledger: Ledger, hold: HoldRow): Promise<LearningSelector> {
  const view = await ledger.read({ holds: { tokens: [hold.token], owners: true } });
  return learningOf(view, hold, { partition: hold.partition, profile: '' });
}

/** With `state`: what the run cost beside its estimate (budget.md 4.11, 4.12). */
function recordsAfter(
  view: View,
  { token, effective, state }: SettleRun & { readonly state?: string | undefined },
  { outcome, amount }: SettleAnswer,
  settings: SettlePorts['settings'],
): readonly Change[] {
  const hold = view.holds.find((each) => each.token === token);
  if (state === undefined || hold === undefined || outcome !== 'charged') {
    return [];
  }
  const story = {
    ...{ actual: fromMicrosText(amount), effective, state, source: 'epilog' as const },
    ...{ profile: '', priced: false, payload: '', durationMs: 0 },
    mayLearn: mayLearn(settings),
  };
  return recordsOf(view, hold, story, view.next.seq).changes;
}

/** What was kept until now is not needed any more; the file of a charge is still to be written. */
function notesAfter(
  view: View,
  ask: SettleRun,
  { outcome, token }: SettleAnswer,
): readonly Change[] {
  const ids = new Set([
    ...ask.touched.map(({ instanceId }) => instanceId),
    ...view.fleet.instances.map(({ instanceId }) => instanceId),
  ]);
  const pending = parsePendingFiles(view.notes[PENDING_FILES_NOTE]);
  const value = pendingFilesText({ ...pending, [token]: [...ids] });
  return [
    { change: 'putNote', name: runNoteName(token), value: '' },
    { change: 'putNote', name: missingNote(token), value: '' },
    ...(outcome === 'charged'
      ? [{ change: 'putNote' as const, name: PENDING_FILES_NOTE, value }]
      : []),
  ];
}

/** Segments of holds that had ended before these became known. */
export async function settleLate(
  ports: SettlePorts,
  evidence: Evidence,
): Promise<readonly SettleAnswer[]> {
  const { fleet } = await ports.ledger.read({ fleet: { openShares: 'all' } });
  const holdIds = [...new Set(fleet.shares.flatMap(({ holdId }) => holdId ?? []))];
  const { holds } = await ports.ledger.read({ holds: { holdIds } });
  const answers: SettleAnswer[] = [];
  for (const hold of holds.filter(({ state }) => state !== 'open')) {
    const answer = await tried(ports, hold.token, () =>
      settleHold(ports, hold, {
        token: hold.token,
        submitS: hold.submitS,
        touched: [],
        effective: {
          effectiveS: evidence.nowS,
          day: dayOf(evidence.nowS, ports.settings.site.timezone),
        },
        releaseCause: '',
        mayRelease: false,
      }),
    );
    if (answer?.outcome === 'late') {
      ports.log.write('warn', 'cost_late', { token: hold.token, amount: answer.amount });
      answers.push(answer);
    }
  }
  return answers;
}
