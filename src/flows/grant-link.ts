import { isRefused, type Refused } from '../core/errors.ts';
import {
  type LinkAnswer,
  linkAccount,
  type UnlinkAnswer,
  unlinkAccount,
} from '../core/grant/link-account.ts';
import { toMicrosText } from '../core/money/money.ts';
import type { Manner } from './steps/ask-account.ts';
import { actOnGrant, type GrantDone, type GrantPorts, sumOf } from './steps/ask-grant.ts';
import { given } from './steps/grant-words.ts';

/** As a person writes it. */
export interface LinkFlags extends Manner {
  readonly number: string;
  readonly account: string;
  readonly amount?: string | undefined;
  readonly order?: number | undefined;
  readonly basis?: 'direct' | 'total' | undefined;
}

/** `grant link`. VALIDATION_ERROR, NOT_FOUND, DUPLICATE, POLICY, INSUFFICIENT_BUDGET (the award). */
export async function linkGrant(
  asked: LinkFlags,
  ports: GrantPorts,
): Promise<GrantDone<LinkAnswer> | Refused> {
  const { key, dryRun, number, account, order, basis } = asked;
  const amount = given(asked.amount, 'amount', 'amount', sumOf);
  if (isRefused(amount)) {
    return amount;
  }
  return await actOnGrant(
    {
      key,
      dryRun,
      number,
      verb: 'grant link',
      args: {
        grant: number,
        account,
        amount: amount === undefined ? null : toMicrosText(amount),
        order: order ?? null,
        basis: basis ?? null,
      },
      query: { awards: { numbers: [number], links: true }, accounts: [account] },
      choose: (view) => linkAccount(view, { number, account, amount, order, basis }),
    },
    ports,
  );
}

/** `grant unlink`. NOT_FOUND. */
export async function unlinkGrant(
  { key, dryRun, number, account }: Omit<LinkFlags, 'amount' | 'order' | 'basis'>,
  ports: GrantPorts,
): Promise<GrantDone<UnlinkAnswer> | Refused> {
  return await actOnGrant(
    {
      key,
      dryRun,
      number,
      verb: 'grant unlink',
      args: { grant: number, account },
      query: { awards: { numbers: [number], links: true }, accounts: [account] },
      choose: (view) => unlinkAccount(view, { number, account }),
    },
    ports,
  );
}
