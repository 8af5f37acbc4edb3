import { isRefused } from '../../core/errors.ts';
import { expireAccounts as choose } from '../../core/ledger/expire-accounts.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Log } from '../../ports/system.ts';

/**
 * A step of `maintain`: accounts past their end become `expired` (budget.md 1.1). Looks without the
 * write lock first; the next day's run finds nothing and writes nothing. Returns their names.
 */
export async function expireAccounts({
  ledger,
  log,
}: {
  readonly ledger: Ledger;
  readonly log: Log;
}): Promise<readonly string[]> {
  const query = { allAccounts: true };
  if (choose(await ledger.read(query)).changes.length === 0) {
    return [];
  }
  const request = { scope: 'site', verb: 'maintain', args: { step: 'expire accounts' } };
  const answered = await ledger.decide(request, query, choose);
  const names = isRefused(answered) ? [] : answered.answer;
  for (const account of names) {
    log.write('info', 'account_expired', { account });
  }
  return names;
}
