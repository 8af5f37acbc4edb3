import { didYouMean } from '../../core/config/did-you-mean.ts';
import type { Refused } from '../../core/errors.ts';
import { noSuchAward } from '../../core/grant/words.ts';
import type { GrantFilter, GrantReport, Reports } from '../../ports/reports.ts';

type GrantNumbers = Pick<Reports, 'grantNumbers'>;

/** NOT_FOUND with the number that was probably meant. */
export async function unknownGrant(number: string, reports: GrantNumbers): Promise<Refused> {
  const meant = didYouMean(number, await reports.grantNumbers());
  const plain = noSuchAward(number);
  return meant === undefined || meant === number
    ? plain
    : { ...plain, advice: `did you mean ${meant}?` };
}

export async function oneGrant(
  number: string,
  reports: Pick<Reports, 'grants' | 'grantNumbers'>,
  parts: Omit<GrantFilter, 'numbers'> = {},
): Promise<GrantReport | Refused> {
  const [report] = await reports.grants({ ...parts, numbers: [number] });
  return report ?? (await unknownGrant(number, reports));
}
