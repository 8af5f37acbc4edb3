import { addDays, daysBetween } from '../grant/calendar.ts';
import { type Money, minus, plus, ZERO } from '../money/money.ts';
import { added, divided, exactly, multiplied, NOTHING, type Ratio } from '../money/ratio.ts';

/** What was spent on a day (YYYYMMDD): charges less refunds, with adjustments (budget.md 4.6). */
export interface DaySum {
  readonly day: number;
  readonly spent: Money;
}

/** A no-cost extension: from `day` on, what was left is spread to the new end (budget.md 8.4). */
export interface Extension {
  readonly day: number;
  /** The last day before it; the new one is the end of the next extension, or the end of the budget. */
  readonly oldEnd: number;
}

/** What a burn rate is made of. Days are YYYYMMDD in the site zone. */
export interface BurnInput {
  readonly start: number;
  /** The last day, included. */
  readonly end: number;
  /** T: the day it is; its own spending is not complete and does not count. */
  readonly today: number;
  /** B: the limit and what schedules still plan to add; of a grant the award; of a period its amount. */
  readonly budget: Money;
  /** Used and held now: what remains is `budget − used − held`. */
  readonly used: Money;
  readonly held: Money;
  /** Ascending, one a day with spending. What lies before `start` or is of today or later is ignored. */
  readonly days: readonly DaySum[];
  /** Ascending by day. */
  readonly extensions?: readonly Extension[] | undefined;
}

interface Line {
  readonly from: number;
  readonly end: number;
  readonly spentBefore: Money;
  /** Micro-dollars a day. */
  readonly rate: Ratio;
}

/** The plan of a budget beside what was spent: sums and expectations for any day. */
export interface Plan {
  readonly input: BurnInput;
  /** D: days from the first to the last. */
  readonly days: number;
  /** n: complete days, 0 to D. */
  readonly elapsed: number;
  /** The last day in force today. */
  readonly end: number;
  /** Spent from the start to the day before. */
  readonly spentBefore: (day: number) => Money;
  /** Micro-dollars a day that were expected on this day. */
  readonly expectedOn: (day: number) => Ratio;
  /** Expected from the start to the day before. */
  readonly expectedBefore: (day: number) => Ratio;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** Sums from the start up to each day, found by halving. */
function sumsOf({ start, days }: BurnInput): (day: number) => Money {
  const own = days.filter(({ day }) => day >= start);
  const sums: Money[] = [ZERO];
  for (const { spent } of own) {
    sums.push(plus(sums.at(-1) ?? ZERO, spent));
  }
  return (day) => {
    let [low, high] = [0, own.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((own[middle]?.day ?? day) < day) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return sums[low] ?? ZERO;
  };
}

function lineFrom(from: number, end: number, budget: Money, spent: Money): Line {
  const days = exactly(daysBetween(from, end) + 1);
  return { from, end, spentBefore: spent, rate: divided(exactly(minus(budget, spent)), days) };
}

/** The first line from the start; then one an extension in force by `today`, each from what was left. */
function linesOf(input: BurnInput, spentBefore: (day: number) => Money): readonly Line[] {
  const { start, today, budget, extensions = [] } = input;
  const known = extensions.filter(({ day }) => day > start && day <= today);
  const pending = extensions.find(({ day }) => day > today);
  const last = pending?.oldEnd ?? input.end;
  const lines = [lineFrom(start, known[0]?.oldEnd ?? last, budget, ZERO)];
  for (const [at, { day }] of known.entries()) {
    const end = known[at + 1]?.oldEnd ?? last;
    if (day <= end) {
      lines.push(lineFrom(day, end, budget, spentBefore(day)));
    }
  }
  return lines;
}

/** The line that a day is measured by. */
function lineAt(lines: readonly Line[], day: number): Line | undefined {
  return lines.findLast(({ from }) => from <= day) ?? lines[0];
}

/** The plan as it stands on `today`: an extension of later counts from its own day on. */
export function planOf(input: BurnInput): Plan {
  const spentBefore = sumsOf(input);
  const lines = linesOf(input, spentBefore);
  const end = lines.at(-1)?.end ?? input.end;
  const days = daysBetween(input.start, end) + 1;
  return {
    input,
    days,
    elapsed: clamp(daysBetween(input.start, input.today), 0, days),
    end,
    spentBefore,
    expectedOn: (day) => lineAt(lines, day)?.rate ?? NOTHING,
    expectedBefore: (day) => {
      const line = lineAt(lines, day);
      if (line === undefined) {
        return NOTHING;
      }
      const passed = clamp(
        daysBetween(line.from, day),
        0,
        daysBetween(line.from, addDays(line.end, 1)),
      );
      return added(exactly(line.spentBefore), multiplied(line.rate, exactly(passed)));
    },
  };
}
