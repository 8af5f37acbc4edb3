import type { Ledger } from '../../ports/ledger.ts';

/** When `asbb maintain` last went through, in epoch seconds. */
export const MAINTAINED_NOTE = 'maintain:last';

export async function noteMaintained(ledger: Ledger, nowS: number): Promise<void> {
  await ledger.decide({ scope: 'site', verb: 'maintained', args: {} }, {}, () => ({
    changes: [{ change: 'putNote', name: MAINTAINED_NOTE, value: String(nowS) }],
    answer: nowS,
  }));
}
