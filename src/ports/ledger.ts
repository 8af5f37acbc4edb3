import type { Refused } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import type { Decision } from '../core/ledger/change.ts';
import type { Query, View } from '../core/ledger/view.ts';

/** One request to the books. With the same key and content it is done once (reliability.md I6). */
export interface LedgerRequest {
  /** Cluster name, `site`, or `uid:<uid>` (reliability.md 1.1, Keys). */
  readonly scope: string;
  /** Absent: nothing to repeat (binding a hold, an intent's state); the journal row is written all the same. */
  readonly key?: string | undefined;
  /** Journal's verb: `submit`, `epilog`, `account create`, … */
  readonly verb: string;
  /** The request without its key and time; hashed in canonical form, stored as `args`. */
  readonly args: { readonly [name: string]: Json };
  /** An administrative act: a refusal is journalled too. */
  readonly audited?: boolean;
}

/** Undefined of `changes.length === 0`: nothing was to be done, nothing was written. */
export interface Answered<A extends Json> {
  readonly kind: 'answered';
  readonly answer: A;
  /** True when the stored answer of an earlier, equal request came back. */
  readonly isRepeat: boolean;
}

/** Pure and synchronous: nothing can be awaited while the write lock is held. */
export type Choose<A extends Json> = (view: View) => Decision<A> | Refused;

export interface Ledger {
  /**
   * Loads the view, runs `choose`, writes its changes, all in one BEGIN IMMEDIATE. Asynchronous so
   * that a ledger on a server fits. Faults: 75 busy, disk full or in doubt; 1 wrong place; 22 damaged.
   */
  decide<A extends Json>(
    request: LedgerRequest,
    query: Query,
    choose: Choose<A>,
  ): Promise<Answered<A> | Refused>;

  /** A view without the write lock, in one read transaction. */
  read(query: Query): Promise<View>;

  /** `exiting`: the process ends at once, so tidying up may be left to the next one. */
  close(state?: 'exiting'): void;
}
