import { minus, sum } from '../money/money.ts';
import { carryForward, type PeriodFigures } from './carryover.ts';
import { carryoverOf, extensionOf } from './details.ts';
import { type GrantPlan, grantPeriods } from './periods.ts';
import type { AwardFigures, PeriodMoney } from './view.ts';

/** Dates and amounts that the periods are made of; `dayOf` tells the day of an instant in the site zone. */
export function planWith(
  { award, changes }: Pick<AwardFigures, 'award' | 'changes'>,
  dayOf: (epochS: number) => number,
): GrantPlan {
  const steps = changes
    .filter(({ kind }) => kind === 'SUPPLEMENT' || kind === 'REDUCTION')
    .map(({ effectiveS, delta }) => ({ day: dayOf(effectiveS), delta }));
  const [extension] = changes.filter(({ kind }) => kind === 'NCE').map(extensionOf);
  return {
    startDay: dayOf(award.startS),
    plannedEndDay: dayOf(extension?.oldEndS ?? award.endS),
    endDay: dayOf(award.endS),
    periodMonths: award.periodMonths,
    total: minus(award.total, sum(steps.map(({ delta }) => delta))),
    steps,
  };
}

/** The period of today, with what it has left (budget.md 8.5). */
export function currentPeriod(
  award: Pick<AwardFigures, 'award'>,
  { changes, plan, spending, committed }: PeriodMoney,
  today: number,
): PeriodFigures | undefined {
  const figures = carryForward(grantPeriods(plan), {
    policy: award.award.carryover,
    approvals: changes.filter(({ kind }) => kind === 'CARRYOVER').map(carryoverOf),
    spending,
    committed,
    today,
  });
  return figures.find(({ isCurrent }) => isCurrent);
}
