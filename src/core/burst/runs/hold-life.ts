/** Where SLURM knows no limit, the next sighting lengthens the life (seconds). */
const UNKNOWN_LIMIT_SECONDS = 86_400;

export interface SeenAlive {
  readonly nowS: number;
  readonly isPending: boolean;
  readonly startS: number | undefined;
  readonly timeLimitSeconds: number | undefined;
  /** `budget.evidence_grace`. */
  readonly graceSeconds: number;
}

/** Until when a hold may live whose job was just seen: the rest of its time limit and the grace. */
export function livesUntil(seen: SeenAlive): number {
  const limit = seen.timeLimitSeconds ?? UNKNOWN_LIMIT_SECONDS;
  const begin = seen.isPending ? seen.nowS : Math.min(seen.nowS, seen.startS ?? seen.nowS);
  return Math.max(seen.nowS, begin + limit) + seen.graceSeconds;
}
