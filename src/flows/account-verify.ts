import type { Refused } from '../core/errors.ts';
import type { LedgerCare, SumDifference } from '../ports/ledger-care.ts';
import type { Reports } from '../ports/reports.ts';
import { unknownAccount } from './steps/ask-account.ts';

export interface SumsReport {
  readonly differences: readonly SumDifference[];
  /** Rewritten from the postings. */
  readonly isRepaired: boolean;
}

/** `account verify`: kept sums against the postings. NOT_FOUND with a suggestion. */
export async function verifyAccount(
  { account, repair }: { readonly account: string | undefined; readonly repair: boolean },
  { care, reports }: { readonly care: LedgerCare; readonly reports: Reports },
): Promise<SumsReport | Refused> {
  if (account !== undefined && !(await reports.accountNames()).includes(account)) {
    return await unknownAccount(account, reports);
  }
  const differences = await care.compareSums(account);
  if (!repair) {
    return { differences, isRepaired: false };
  }
  const rewritten = await care.repairSums();
  return { differences, isRepaired: rewritten > 0 };
}
