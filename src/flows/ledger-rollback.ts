import { type Refused, refused } from '../core/errors.ts';
import type { LedgerCare } from '../ports/ledger-care.ts';

export interface RolledBack {
  readonly restored: string;
  /** Where the ledger that was replaced is kept. */
  readonly kept: string;
}

/**
 * `database rollback`: steps only go forward, so going back is restoring what was saved before the last
 * migration (reliability.md 2.4). NOT_FOUND when there is none, IN_USE unless forced: what was posted
 * since is lost.
 */
export async function rollbackLedger(
  { force }: { readonly force: boolean },
  { care }: { readonly care: LedgerCare },
): Promise<RolledBack | Refused> {
  const { schemaVersion } = await care.info();
  const [saved] = await care.savedBefore(schemaVersion);
  if (saved === undefined) {
    return refused('NOT_FOUND', `there is no ledger saved before schema ${schemaVersion}`, {
      advice: 'restore a backup with asbb ledger restore FILE',
    });
  }
  if (!force) {
    return refused('IN_USE', `going back to ${saved} loses what was posted since`, {
      advice: 'repeat with --force if that is wanted',
      fields: { file: saved },
    });
  }
  return { restored: saved, kept: await care.restore(saved) };
}
