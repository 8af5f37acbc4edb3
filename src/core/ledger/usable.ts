import { type Refused, refused } from '../errors.ts';
import { dayText } from '../grant/calendar.ts';
import type { AwardRow } from '../grant/rows.ts';
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
export function unusable(
  { account: { account }, days }: Pick<PayerView, 'account' | 'days'>,
  nowS: number,
): Refused | undefined {
  const status = effectiveStatus(account, nowS);
  const fields = { account: account.name, status };
  if (status === 'expired') {
    return refused('ACCOUNT_EXPIRED', `Account '${account.name}' has expired`, {
      advice: days === undefined ? 'ask its owner to extend it' : `Ended on ${dayText(days.last)}`,
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
    return refused('ACCOUNT_INACTIVE', `Account '${account.name}' is not active`, {
      advice: days === undefined ? 'it has not started' : `Starts on ${dayText(days.first)}`,
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
  return unusable(view.payer, view.nowS) ?? view.payer;
}

/** May a new hold be placed on the grant now? Its period of performance is from start to end. */
export function isRunning({ status, startS, endS }: AwardRow, nowS: number): boolean {
  return status === 'active' && startS <= nowS && nowS <= endS;
}

/** Why it may not: ACCOUNT_INACTIVE, ACCOUNT_EXPIRED; undefined when it may. */
export function notRunning(award: AwardRow, nowS: number): Refused | undefined {
  const { number, status, startS, endS } = award;
  if (isRunning(award, nowS)) {
    return;
  }
  const fields = { grant: number, status };
  if (status === 'active' && nowS > endS) {
    return refused('ACCOUNT_EXPIRED', `Grant '${number}' has ended`, {
      advice: 'use another account, or ask for an extension of the grant',
      fields: { ...fields, end_s: String(endS) },
    });
  }
  return status === 'active'
    ? refused('ACCOUNT_INACTIVE', `Grant '${number}' has not started`, {
        advice: 'use another account until then',
        fields: { ...fields, start_s: String(startS) },
      })
    : refused('ACCOUNT_INACTIVE', `Grant '${number}' is not active`, {
        advice: `Current status: ${status}`,
        fields,
      });
}
