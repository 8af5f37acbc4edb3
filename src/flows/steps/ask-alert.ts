import { isRefused, type Refused } from '../../core/errors.ts';
import { invalid } from '../../core/ledger/account-words.ts';
import type { Reports } from '../../ports/reports.ts';
import { oneAccount } from './ask-account.ts';
import { oneGrant } from './find-grant.ts';

const ID = /^[1-9][0-9]{0,14}$/u;

/** `7` of an argument. VALIDATION_ERROR. */
export function idOf(text: string, what: string): number | Refused {
  return ID.test(text)
    ? Number(text)
    : invalid('id', `${text.slice(0, 40)}: not the number of ${what}`, 'a whole number from 1');
}

/** One of the words. VALIDATION_ERROR lists them. */
export function oneOfWords<const W extends string>(
  text: string,
  flag: string,
  words: readonly W[],
): W | Refused {
  const plain = text.toLowerCase().replaceAll('-', '_'); // as people type them
  return (
    words.find((word) => word.toLowerCase() === plain) ??
    invalid(flag, `--${flag} ${text.slice(0, 40)}: no such ${flag}`, words.join(', '))
  );
}

export interface OwnerNames {
  readonly account?: string | undefined;
  readonly grant?: string | undefined;
}

/** NOT_FOUND with the name that was probably meant; undefined: they exist. */
export async function unknownOwner(
  { account, grant }: OwnerNames,
  reports: Reports,
): Promise<Refused | undefined> {
  const found = account === undefined ? undefined : await oneAccount(account, reports);
  if (isRefused(found)) {
    return found;
  }
  const award = grant === undefined ? undefined : await oneGrant(grant, reports);
  return isRefused(award) ? award : undefined;
}
