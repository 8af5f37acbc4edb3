import type { Clock } from '../../ports/system.ts';

/** The time a hook may still use, on the monotonic clock (burst.md SL-7). */
export interface Deadline {
  leftMs(): number;
}

/** Ends at once when a stop is requested. */
export function deadlineIn(
  { clock, stop }: { readonly clock: Clock; readonly stop: { readonly isRequested: boolean } },
  milliseconds: number,
): Deadline {
  const end = clock.monotonicMs() + milliseconds;
  return { leftMs: () => (stop.isRequested ? 0 : Math.max(0, end - clock.monotonicMs())) };
}

/** False when the time is over before the pause is. */
export async function pause(
  { clock }: { readonly clock: Clock },
  milliseconds: number,
  deadline: Deadline,
): Promise<boolean> {
  const left = deadline.leftMs();
  if (left <= milliseconds) {
    return false;
  }
  await clock.sleep(milliseconds);
  return deadline.leftMs() > 0;
}
