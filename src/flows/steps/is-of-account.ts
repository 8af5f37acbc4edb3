import type { CostTold } from '../../core/estimate/cost-told.ts';
import type { HoldRow } from '../../core/ledger/rows.ts';
import type { Ledger } from '../../ports/ledger.ts';

/** Does a cost name the account that pays the hold, by any of its names (budget.md 3.10)? */
export async function isOfAccount(
  { account }: Pick<CostTold, 'account'>,
  { token }: HoldRow,
  { ledger }: { readonly ledger: Ledger },
): Promise<boolean> {
  if (account === undefined) {
    return true;
  }
  const view = await ledger.read({
    holds: { tokens: [token], owners: true },
    slurmNames: [account],
  });
  const owner = view.owners[0]?.account.account;
  return (
    owner?.name === account ||
    view.slurmNames.some(({ accountId }) => accountId === owner?.accountId)
  );
}
