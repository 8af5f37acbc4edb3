/** The states in which a run is over (burst.md 7.10). Every other word, known or not, means live. */
const OVER = new Set([
  'COMPLETED',
  'FAILED',
  'TIMEOUT',
  'OUT_OF_MEMORY',
  'DEADLINE',
  'CANCELLED',
  'PREEMPTED',
  'NODE_FAIL',
  'BOOT_FAIL',
  'REVOKED',
  'REQUEUED',
]);

const LIVE = new Set([
  'PENDING',
  'CONFIGURING',
  'RUNNING',
  'SUSPENDED',
  'STOPPED',
  'SIGNALING',
  'COMPLETING',
  'STAGE_OUT',
  'RESIZING',
  'RESV_DEL_HOLD',
  'REQUEUE_HOLD',
  'REQUEUE_FED',
  'SPECIAL_EXIT',
]);

const FIRST_WORD = /^[A-Z_]+/;

/** `CANCELLED` of `CANCELLED by 64101`. */
export function firstWord(state: string): string {
  return FIRST_WORD.exec(state)?.[0] ?? state;
}

export function isOver(state: string): boolean {
  return OVER.has(firstWord(state));
}

/** A word that neither list knows: kept as live, with a note. */
export function isKnownState(state: string): boolean {
  const word = firstWord(state);
  return OVER.has(word) || LIVE.has(word);
}
