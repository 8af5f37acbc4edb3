import { type Refused, refused } from '../errors.ts';
import type { AccountRow, AccountStatus } from './rows.ts';
import type { PayerView, View } from './view.ts';

/** The status that counts now: an account past its end is expired before `maintain` has said so. */
export function effectiveStatus(
  account: Pick<AccountRow, 'status' | 'endS'>,
  nowS: number,
): AccountStatus {
  return account.status === 'active' && nowS > account.endS ? 'expired' : account.status;
}

/** Budget.md 1.1, *usable*: ACCOUNT_INACTIVE, ACCOUNT_EXPIRED, or undefined. */
export function unusable(account: AccountRow, nowS: number): Refused | undefined {
  const status = effectiveStatus(account, nowS);
  const fields = { account: account.name, status };
  if (status === 'expired') {
    return refused('ACCOUNT_EXPIRED', `Account '${account.name}' has expired`, {
      advice: 'ask its owner to extend it',
      fields: { ...fields, end_s: String(account.endS) },
    });
  }
  if (status !== 'active') {
    return refused('ACCOUNT_INACTIVE', `Account '${account.name}' is not active`, {
      advice: `Current status: ${status}`,
      fields,
    });
  }
  if (nowS < account.startS) {
    return refused('ACCOUNT_INACTIVE', `Account '${account.name}' is not active yet`, {
      advice: 'it has not started',
      fields: { ...fields, start_s: String(account.startS) },
    });
  }
  return undefined;
}

/** Who pays for a new hold, or why nobody does. */
export function payerOf(view: View, slurmAccount: string): PayerView | Refused {
  if (view.payer === undefined) {
    return refused('NOT_FOUND', `Budget account '${slurmAccount}' not found`, {
      advice: 'use --account with one that has a budget',
      fields: { account: slurmAccount },
    });
  }
  return unusable(view.payer.account.account, view.nowS) ?? view.payer;
}
