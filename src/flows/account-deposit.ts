import { isRefused, type Refused } from '../core/errors.ts';
import { deposit } from '../core/ledger/fund.ts';
import { toMicrosText } from '../core/money/money.ts';
import {
  type AccountDone,
  type AccountPorts,
  actOnAccount,
  amountOf,
  type Manner,
} from './steps/ask-account.ts';
import { unknownOwner } from './steps/ask-alert.ts';

export interface NewDeposit extends Manner {
  readonly account: string;
  readonly amount: string;
  readonly reason?: string | undefined;
  /** Number of the grant that gives it. */
  readonly grant?: string | undefined;
}

/** `account deposit`. VALIDATION_ERROR, NOT_FOUND, POLICY, INSUFFICIENT_BUDGET. */
export async function depositOn(
  asked: NewDeposit,
  ports: AccountPorts,
): Promise<AccountDone | Refused> {
  const { account, grant, reason = '' } = asked;
  const amount = amountOf(asked.amount, 'amount');
  if (isRefused(amount)) {
    return amount;
  }
  const unknown = await unknownOwner({ grant }, ports.reports);
  if (unknown !== undefined) {
    return unknown;
  }
  return await actOnAccount(
    {
      ...asked,
      verb: 'account deposit',
      args: {
        account,
        amount: toMicrosText(amount),
        reason,
        ...(grant !== undefined && { grant }),
      },
      query: { accounts: [account] },
      choose: (view) => deposit(view, { name: account, amount, grant, bounds: ports.bounds }),
    },
    ports,
  );
}
