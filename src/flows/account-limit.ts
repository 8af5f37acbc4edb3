import { didYouMean } from '../core/config/did-you-mean.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import { removePartitionLimit, setPartitionLimit } from '../core/ledger/limit-partition.ts';
import { toMicrosText } from '../core/money/money.ts';
import {
  type AccountDone,
  type AccountPorts,
  actOnAccount,
  amountOf,
  type Manner,
} from './steps/ask-account.ts';

export interface LimitRemoval extends Manner {
  readonly account: string;
  readonly partition: string;
}

export interface NewLimit extends LimitRemoval {
  readonly limit: string;
  readonly force: boolean;
}

/** `account limit set`. VALIDATION_ERROR, NOT_FOUND, IN_USE unless forced. */
export async function setLimit(
  asked: NewLimit,
  ports: AccountPorts,
): Promise<AccountDone | Refused> {
  const { account, partition, force } = asked;
  const limit = amountOf(asked.limit, 'limit');
  if (isRefused(limit)) {
    return limit;
  }
  return await actOnAccount(
    {
      ...asked,
      verb: 'account limit set',
      args: { account, partition, limit: toMicrosText(limit), force },
      query: { accounts: [account] },
      choose: (view) => setPartitionLimit(view, { name: account, partition, limit, force }),
    },
    ports,
  );
}

/** The limit that was probably meant. */
async function withMeant(
  answer: Refused,
  { account, partition }: LimitRemoval,
  { reports }: AccountPorts,
): Promise<Refused> {
  const [report] = await reports.accounts({ names: [account] });
  const names = report?.figures.partitions.map(({ limit }) => limit.partition) ?? [];
  const meant = didYouMean(partition, names);
  return meant === undefined ? answer : { ...answer, advice: `did you mean ${meant}?` };
}

/** `account limit remove`. NOT_FOUND: the account, or such a limit. */
export async function removeLimit(
  asked: LimitRemoval,
  ports: AccountPorts,
): Promise<AccountDone | Refused> {
  const { account, partition } = asked;
  const done = await actOnAccount(
    {
      ...asked,
      verb: 'account limit remove',
      args: { account, partition },
      query: { accounts: [account] },
      choose: (view) => removePartitionLimit(view, { name: account, partition }),
    },
    ports,
  );
  return isRefused(done) && done.fields['partition'] !== undefined
    ? await withMeant(done, asked, ports)
    : done;
}
