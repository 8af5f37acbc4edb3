export const URGENCIES = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Urgency = (typeof URGENCIES)[number];

const LIMITS: readonly (readonly [number, Urgency])[] = [
  [1, 'CRITICAL'],
  [7, 'HIGH'],
  [30, 'MEDIUM'],
];

/** budget.md 4.10: by days to a deadline. */
export function urgencyOf(days: number): Urgency {
  return LIMITS.find(([most]) => days <= most)?.[1] ?? 'LOW';
}
