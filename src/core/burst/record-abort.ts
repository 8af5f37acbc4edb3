import type { Change, Decision } from '../ledger/change.ts';
import type { IntentRow } from '../ledger/rows.ts';
import type { View } from '../ledger/view.ts';
import { abortsNote, abortsText, moreAborts, parseAborts } from './aborts.ts';
import { type BrokenGroups, brokenNote, brokenText, parseBroken } from './broken-groups.ts';

export interface AbortRecord {
  readonly intentIds: readonly number[];
  readonly jobIds: readonly number[];
  readonly code: string;
}

/**
 * Step 2 of the abort (burst.md 9.5): the attempt is given up, its jobs have one more failed start.
 * Intents that were aborted before do not count again. A call that was never made is `failed`; one
 * without a clear answer stays open until a complete listing has settled it. The hold stays.
 */
export function recordAborted(view: View, record: AbortRecord): Decision<number> {
  const fresh = view.fleet.intents.filter(
    (intent) => record.intentIds.includes(intent.intentId) && !intent.aborted,
  );
  if (fresh.length === 0 && record.intentIds.length > 0) {
    return { changes: [], answer: 0 };
  }
  const name = abortsNote(view.clusterName);
  const aborts = moreAborts(parseAborts(view.notes[name]), record.jobIds, view.nowS);
  return {
    changes: [
      ...fresh.map(
        (intent): Change => ({ change: 'putIntent', row: aborted(intent, record.code) }),
      ),
      { change: 'putNote', name, value: abortsText(aborts) },
    ],
    answer: fresh.length,
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
