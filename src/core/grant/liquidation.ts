import { type Refused, refused } from '../errors.ts';

const DAY_S = 86_400;
/** Costs of earlier work are accepted that long after the end of a grant (budget.md 8.6). */
const LIQUIDATION_DAYS = 120;

/** True when the books of the grant should have been closed: what is booked now is flagged. */
export function isAfterLiquidation(award: { readonly endS: number }, nowS: number): boolean {
  return nowS > award.endS + LIQUIDATION_DAYS * DAY_S;
}

/** What people enter then needs --force; what SLURM and AWS report is booked all the same. POLICY. */
export function afterLiquidation(
  award: { readonly number: string; readonly endS: number },
  nowS: number,
  force: boolean,
): Refused | undefined {
  return isAfterLiquidation(award, nowS) && !force
    ? refused(
        'POLICY',
        `grant ${award.number} ended more than ${LIQUIDATION_DAYS} days ago: its books should be closed`,
        { advice: 'use --force to record it all the same', fields: { grant: award.number } },
      )
    : undefined;
}
