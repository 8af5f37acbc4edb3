import type { Run } from '../../ledger/hold-words.ts';
import type { HoldRow } from '../../ledger/rows.ts';

const TOKEN = /(?:^|\s)asbb:hold=([0-9a-z]{26})(?=\s|$)/g;

/** `asbb:hold=<token>` in an AdminComment (burst.md SL-6); two different ones are none. */
export function tokenOf(adminComment: string): string | undefined {
  const tokens = new Set([...adminComment.matchAll(TOKEN)].map(([, token]) => token));
  return tokens.size === 1 ? [...tokens][0] : undefined;
}

/**
 * What the books know of a run (burst.md 7.9). `exact`: its own hold, open or ended. `follow`: open,
 * bound to an earlier run of the job. `array`, `token`: open, to be split or bound. `after`: only a
 * hold that has ended. `none`: nothing at all.
 */
export type Look =
  | { readonly kind: 'exact' | 'follow' | 'array' | 'token' | 'after'; readonly hold: HoldRow }
  | { readonly kind: 'none' };

/** `holds`: those of the job's id and of its token. Never by user, name or time. */
export function lookUp(holds: readonly HoldRow[], run: Run, token: string | undefined): Look {
  const own = holds
    .filter((hold) => hold.jobId === run.jobId && hold.arrayTask === run.arrayTask)
    .toSorted((a, b) => (a.submitS ?? 0) - (b.submitS ?? 0) || a.restart - b.restart);
  const exact = own.find(({ submitS }) => submitS === run.submitS);
  if (exact !== undefined) {
    return { kind: 'exact', hold: exact };
  }
  const earlier = own.findLast(({ submitS }) => (submitS ?? 0) < run.submitS);
  if (earlier !== undefined) {
    return { kind: earlier.state === 'open' ? 'follow' : 'after', hold: earlier };
  }
  return byToken(holds, run, token);
}

function byToken(holds: readonly HoldRow[], run: Run, token: string | undefined): Look {
  const isTask = run.arrayTask >= 0;
  const named = holds.find(
    (hold) => hold.token === token || (isTask && hold.jobId === run.jobId && hold.arrayTask === -1),
  );
  if (named === undefined) {
    return { kind: 'none' };
  }
  if (named.state !== 'open') {
    return { kind: 'after', hold: named };
  }
  return { kind: isTask ? 'array' : 'token', hold: named };
}

/** Does the hold belong to who now names it? A token can be read by others, so the user must fit. */
export function isForeign(hold: HoldRow, run: Run, userName: string): boolean {
  const isOtherUser = hold.userName !== '' && userName !== '' && hold.userName !== userName;
  const isOtherJob = hold.jobId !== undefined && hold.jobId !== run.jobId;
  return isOtherUser || isOtherJob;
}
