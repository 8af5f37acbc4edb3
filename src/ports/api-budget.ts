import type { ApiBucket } from '../core/burst/api-budget.ts';

/** Calls that may be made just now, by all processes of this cluster together (burst.md 5.7). */
export interface ApiBudget {
  /** Waits for its turn, as long as the run has time. False: nothing was taken, EC2 would throttle the call. */
  take(bucket: ApiBucket, tokens: number): Promise<boolean>;
  /** Never waits for tokens. 0: taken; else nothing was, and they will be there after so many milliseconds. */
  draw(bucket: ApiBucket, tokens: number): Promise<number>;
  /** Of those drawn, what was not used. */
  putBack(bucket: ApiBucket, tokens: number): Promise<void>;
  /** No call waits beyond the end of this run. */
  waitUntil(deadline: { leftMs(): number }): void;
  /** Gives back what was taken ahead. */
  close(): void;
}
