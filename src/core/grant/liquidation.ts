const DAY_S = 86_400;
/** Costs of earlier work are accepted that long after the end of a grant (budget.md 8.6). */
export const LIQUIDATION_DAYS = 120;

/** True when the books of the grant should have been closed: what is booked now is flagged. */
export function isAfterLiquidation(award: { readonly endS: number }, nowS: number): boolean {
  return nowS > award.endS + LIQUIDATION_DAYS * DAY_S;
}
