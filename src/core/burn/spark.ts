import { addDays, daysBetween } from '../grant/calendar.ts';
import { greatest, isNegative, type Money, plus, ZERO } from '../money/money.ts';
import { divided, exactly, floored, multiplied } from '../money/ratio.ts';
import type { DaySum } from './plan.ts';

const BARS = '▁▂▃▄▅▆▇█';

/**
 * The spending of the days from `from` to the day before `to` as so many bars; the highest is the most
 * that one bar's days cost. A blank where nothing was spent, so that quiet times look quiet.
 */
export function sparkline(
  days: readonly DaySum[],
  { from, to }: { readonly from: number; readonly to: number },
  bars: number,
): string {
  const length = daysBetween(from, to);
  const sums: Money[] = Array.from({ length: bars }, () => ZERO);
  for (const { day, spent } of days) {
    if (day >= from && day < to) {
      const at = Math.floor((daysBetween(from, day) * bars) / length);
      sums[at] = plus(sums[at] ?? ZERO, spent);
    }
  }
  const most = sums.reduce(greatest, ZERO);
  return sums
    .map((sum) => bar(sum, most))
    .join('')
    .trimEnd();
}

function bar(sum: Money, most: Money): string {
  if (sum === ZERO || isNegative(sum)) {
    return ' ';
  }
  const share = divided(multiplied(exactly(sum), exactly(BARS.length - 1)), exactly(most));
  return BARS.charAt(floored(share));
}

/** The last `days` days, today included. */
export function lastDays(
  today: number,
  days: number,
): { readonly from: number; readonly to: number } {
  const to = addDays(today, 1);
  return { from: addDays(to, -days), to };
}
