import {
  added,
  compared,
  divided,
  exactly,
  fraction,
  greater,
  lesser,
  multiplied,
  NOTHING,
  type Ratio,
  subtracted,
} from '../money/ratio.ts';

/** Of risks, urgencies, severities (budget.md 4.9, 4.10). */
export type Level = 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';
const LEVELS: readonly Level[] = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];

export type Priority = 'low' | 'normal' | 'high' | 'critical' | 'emergency';
export type Phase = 'EXPLORATION' | 'DEVELOPMENT' | 'VALIDATION' | 'PUBLICATION';

export const ZERO_TO_ONE = { least: NOTHING, most: exactly(1) } as const;

export function rankOf(level: Level): number {
  return LEVELS.indexOf(level);
}

export function levelAt(rank: number): Level {
  return LEVELS[Math.max(0, Math.min(rank, LEVELS.length - 1))] ?? 'CRITICAL';
}

export function higher(a: Level, b: Level): Level {
  return rankOf(a) > rankOf(b) ? a : b;
}

export function clamped(value: Ratio, least: Ratio, most: Ratio): Ratio {
  return greater(least, lesser(most, value));
}

const MINUTES_PER_DAY = exactly(1440);
const WEEK = exactly(7);

/** Days of minutes, exactly. */
export function daysOf(minutes: number): Ratio {
  return divided(exactly(minutes), MINUTES_PER_DAY);
}

/** 1 / (1 + days/7): 1 today, a half in a week. Past deadlines count as today. */
export function pressureOf(days: Ratio): Ratio {
  return divided(exactly(1), added(exactly(1), divided(greater(NOTHING, days), WEEK)));
}

const URGENCIES: readonly (readonly [days: number, level: Level])[] = [
  [1, 'CRITICAL'],
  [7, 'HIGH'],
  [30, 'MEDIUM'],
];

/** By days to a deadline. */
export function urgencyOf(days: Ratio): Level {
  return URGENCIES.find(([most]) => compared(days, exactly(most)) <= 0)?.[1] ?? 'LOW';
}

const FIFTY = exactly(50);

/** max(0, 1 − p/50) of an impact in percent. */
export function costFactor(impact: Ratio): Ratio {
  return greater(NOTHING, subtracted(exactly(1), divided(impact, FIFTY)));
}

/** `share` of a value. */
export function part(share: string, value: Ratio): Ratio {
  return multiplied(fraction(share), value);
}
