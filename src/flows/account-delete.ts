import type { Refused } from '../core/errors.ts';
import { deleteAccount as choose, type DeletedAnswer } from '../core/ledger/delete-account.ts';
import {
  type AccountDone,
  type AccountPorts,
  actOnAccount,
  type Manner,
} from './steps/ask-account.ts';

export interface Removal extends Manner {
  readonly account: string;
  readonly force: boolean;
}

/** `account delete`. NOT_FOUND; IN_USE (open holds, children). */
export async function deleteAccount(
  asked: Removal,
  ports: AccountPorts,
): Promise<AccountDone<DeletedAnswer> | Refused> {
  const { account, force } = asked;
  return await actOnAccount(
    {
      ...asked,
      verb: 'account delete',
      args: { account, force },
      query: { accounts: [account], schedules: { accounts: [account] } },
      choose: (view) => choose(view, { name: account, force }),
    },
    ports,
  );
}
