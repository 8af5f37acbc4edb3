import type { Refused } from '../core/errors.ts';
import type { AccountFilter, AccountReport, Reports } from '../ports/reports.ts';
import { oneAccount } from './steps/ask-account.ts';
import { unknownGrant } from './steps/find-grant.ts';

/** `account list`: newest first. NOT_FOUND (the grant) with a suggestion. */
export async function listAccounts(
  filter: AccountFilter,
  { reports }: { readonly reports: Reports },
): Promise<readonly AccountReport[] | Refused> {
  const { grant } = filter;
  const found = await reports.accounts(filter);
  const isUnknown =
    grant !== undefined && found.length === 0 && !(await reports.grantNumbers()).includes(grant);
  return isUnknown ? await unknownGrant(grant, reports) : found;
}

/** `account show`, `account limit list`. NOT_FOUND with a suggestion. */
export async function showAccount(
  name: string,
  { reports }: { readonly reports: Reports },
): Promise<AccountReport | Refused> {
  return await oneAccount(name, reports);
}
