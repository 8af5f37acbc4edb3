import { isRefused, type Refused } from '../core/errors.ts';
import { badPartition } from '../core/ledger/account-words.ts';
import { adjustAccount as choose } from '../core/ledger/adjust-account.ts';
import { toMicrosText } from '../core/money/money.ts';
import { type Manner, unknownAccount } from './steps/ask-account.ts';
import {
  actOnBooks,
  type Corrected,
  type CorrectionPorts,
  reasonOf,
  secondPerson,
  signedAmount,
  waitingOf,
} from './steps/ask-correction.ts';

export interface AccountAdjustment extends Manner {
  readonly account: string;
  readonly amount: string;
  readonly reason: string;
  readonly partition?: string | undefined;
  /** After the liquidation period of the grant that pays. */
  readonly force?: boolean;
}

/** `account adjust`. VALIDATION_ERROR, NOT_FOUND, ACCOUNT_INACTIVE. */
export async function adjustAccount(
  asked: AccountAdjustment,
  ports: CorrectionPorts,
): Promise<Corrected | Refused> {
  const { account, partition = '', force = false } = asked;
  const amount = signedAmount(asked.amount, 'amount');
  const reason = reasonOf(asked.reason);
  if (isRefused(amount)) {
    return amount;
  }
  if (isRefused(reason)) {
    return reason;
  }
  const wrong = asked.partition === undefined ? undefined : badPartition(asked.partition);
  if (wrong !== undefined) {
    return wrong;
  }
  const second = secondPerson(ports);
  const done = await actOnBooks(
    {
      ...asked,
      verb: 'account adjust',
      args: { account, amount: toMicrosText(amount), partition, reason },
      query: {
        accounts: [account],
        partitionUse: { account, partition },
        ...waitingOf(second),
      },
      choose: (view) => choose(view, { name: account, amount, partition, reason, second, force }),
    },
    ports,
  );
  return isRefused(done) && done.code === 'NOT_FOUND'
    ? await unknownAccount(account, ports.reports)
    : done;
}
