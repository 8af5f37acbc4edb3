import { isRefused, type Refused } from '../core/errors.ts';
import { transfer as choose } from '../core/ledger/transfer.ts';
import { toMicrosText } from '../core/money/money.ts';
import {
  type AccountDone,
  type AccountPorts,
  actOnAccount,
  amountOf,
  type Manner,
} from './steps/ask-account.ts';
import { reasonOf } from './steps/ask-correction.ts';

export interface NewTransfer extends Manner {
  readonly from: string;
  readonly to: string;
  readonly amount: string;
  readonly reason: string;
}

/** `account transfer`. VALIDATION_ERROR, NOT_FOUND, POLICY, INSUFFICIENT_BUDGET. */
export async function transfer(
  asked: NewTransfer,
  ports: AccountPorts,
): Promise<AccountDone | Refused> {
  const { from, to } = asked;
  const amount = amountOf(asked.amount, 'amount');
  const reason = reasonOf(asked.reason);
  if (isRefused(amount)) {
    return amount;
  }
  if (isRefused(reason)) {
    return reason;
  }
  return await actOnAccount(
    {
      ...asked,
      account: from,
      verb: 'account transfer',
      args: { from, to, amount: toMicrosText(amount), reason },
      query: { accounts: [from, to] },
      choose: (view) => choose(view, { from, to, amount, bounds: ports.bounds }),
    },
    ports,
  );
}
