import { type Refused, refused } from '../core/errors.ts';
import type { LedgerCare } from '../ports/ledger-care.ts';

/** `ledger unlock`: only a ledger that verifies is unlocked (else Fault 22). False: it was not locked. */
export async function unlockLedger(
  { afterRestore }: { readonly afterRestore: boolean },
  { care }: { readonly care: LedgerCare },
): Promise<boolean | Refused> {
  if (!afterRestore) {
    return refused('VALIDATION_ERROR', 'a locked ledger is unlocked once it was restored', {
      advice: 'run asbb ledger restore FILE, then asbb ledger unlock --after-restore',
    });
  }
  return await care.unlock();
}
