import type { Ledger } from '../../ports/ledger.ts';
import { FAILED, failedHolds } from './evaluate-alerts.ts';
import type { RecoverRow } from './settle/pass.ts';

/** Writes down which holds could not be settled and since when, for the alerts; told only when it differs. */
export async function noteFailures(
  rows: readonly RecoverRow[],
  { ledger, nowS }: { readonly ledger: Ledger; readonly nowS: number },
): Promise<void> {
  const { notes } = await ledger.read({ notes: [FAILED] });
  const before = new Map(
    [...failedHolds(notes[FAILED]).values()].flat().map((hold) => [hold.token, hold]),
  );
  const failed = rows
    .filter(({ action }) => action === 'failed')
    .map(({ token, job, account, reason }) => {
      const sinceS = before.get(token)?.sinceS ?? nowS;
      return { token, job, account, reason, sinceS };
    });
  const value = failed.length === 0 ? '' : JSON.stringify(failed);
  if (value !== (notes[FAILED] ?? '')) {
    await ledger.decide({ scope: 'site', verb: 'maintain', args: {} }, {}, () => ({
      changes: [{ change: 'putNote', name: FAILED, value }],
      answer: null,
    }));
  }
}
