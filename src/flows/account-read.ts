import { isRefused, type Refused } from '../core/errors.ts';
import type { AccountFilter, AccountReport, HoldReport, Reports } from '../ports/reports.ts';
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

/** `account limit list`, `status`. NOT_FOUND with a suggestion. */
export async function showAccount(
  name: string,
  { reports }: { readonly reports: Reports },
): Promise<AccountReport | Refused> {
  return await oneAccount(name, reports);
}

/** Open holds that `account show` lists; the others are `transactions list --type hold`. */
const HOLDS_MAX = 20;

/** `account show`: newest holds first. NOT_FOUND with a suggestion. */
export async function showAccountWithHolds(
  name: string,
  { reports }: { readonly reports: Reports },
): Promise<{ readonly report: AccountReport; readonly holds: readonly HoldReport[] } | Refused> {
  const report = await oneAccount(name, reports);
  return isRefused(report)
    ? report
    : { report, holds: await reports.holds({ accountName: name, limit: HOLDS_MAX }) };
}
