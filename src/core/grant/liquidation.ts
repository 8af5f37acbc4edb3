import { type Refused, refused } from '../errors.ts';
import { isPositive, type Money } from '../money/money.ts';

const DAY_S = 86_400;
/** Costs of earlier work are accepted that long after the end of a grant (budget.md 8.6). */
const LIQUIDATION_DAYS = 120;

/** Now, and `grant_management.liquidation_days` where the ledger was told (absent: 120). */
export interface LiquidationClock {
  readonly nowS: number;
  readonly liquidationDays?: number | undefined;
}

/** True when the books of the grant should have been closed: what is booked now is flagged. */
export function isAfterLiquidation(
  award: { readonly endS: number },
  { nowS, liquidationDays = LIQUIDATION_DAYS }: LiquidationClock,
): boolean {
  return nowS > award.endS + liquidationDays * DAY_S;
}

/** What people enter then needs --force; what SLURM and AWS report is booked all the same. POLICY. */
export function afterLiquidation(
  award: { readonly number: string; readonly endS: number },
  clock: LiquidationClock,
  force: boolean,
): Refused | undefined {
  const { liquidationDays = LIQUIDATION_DAYS } = clock;
  return isAfterLiquidation(award, clock) && !force
    ? refused(
        'POLICY',
        `grant ${award.number} ended more than ${liquidationDays} days ago: its books should be closed`,
        { advice: 'use --force to record it all the same', fields: { grant: award.number } },
      )
    : undefined;
}

/** Costs that a person adds by a correction; what is given back is taken at any time. POLICY. */
export function lateCost(
  clock: LiquidationClock,
  cost: {
    readonly award: { readonly number: string; readonly endS: number } | undefined;
    readonly amount: Money;
  },
  force: boolean,
): Refused | undefined {
  return cost.award === undefined || !isPositive(cost.amount)
    ? undefined
    : afterLiquidation(cost.award, clock, force);
}
