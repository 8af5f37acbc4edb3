import type { Refused } from '../core/errors.ts';
import type { AccountFilter, AccountReport, Reports } from '../ports/reports.ts';
import { oneAccount } from './steps/ask-account.ts';

/** `account list`: newest first. */
export async function listAccounts(
  filter: AccountFilter,
  { reports }: { readonly reports: Reports },
): Promise<readonly AccountReport[]> {
  return await reports.accounts(filter);
}

/** `account show`, `account limit list`. NOT_FOUND with a suggestion. */
export async function showAccount(
  name: string,
  { reports }: { readonly reports: Reports },
): Promise<AccountReport | Refused> {
  return await oneAccount(name, reports);
}
