import type { Decision } from './change.ts';
import { effectiveStatus } from './usable.ts';
import type { View } from './view.ts';

/** A step of `maintain`: active accounts past their end become `expired`. Query: allAccounts. */
export function expireAccounts(view: View): Decision<readonly string[]> {
  const over = view.accounts.filter(
    ({ account }) =>
      account.status === 'active' && effectiveStatus(account, view.nowS) === 'expired',
  );
  return {
    changes: over.map(({ account }) => ({
      change: 'putAccount',
      row: { ...account, status: 'expired', updatedUs: view.nowUs },
    })),
    answer: over.map(({ account }) => account.name),
  };
}
