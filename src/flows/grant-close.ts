import type { Refused } from '../core/errors.ts';
import { type CloseAnswer, closeAward } from '../core/grant/close-award.ts';
import type { Manner } from './steps/ask-account.ts';
import { actOnGrant, type GrantDone, type GrantPorts } from './steps/ask-grant.ts';

export interface CloseFlags extends Manner {
  readonly number: string;
  readonly isCancelled: boolean;
  readonly force: boolean;
}

/** `grant close`. NOT_FOUND, POLICY (closed already), IN_USE (open holds) unless forced. */
export async function closeGrant(
  { key, dryRun, number, isCancelled, force }: CloseFlags,
  ports: GrantPorts,
): Promise<GrantDone<CloseAnswer> | Refused> {
  const status = isCancelled ? 'cancelled' : 'completed';
  return await actOnGrant(
    {
      key,
      dryRun,
      number,
      verb: 'grant close',
      args: { grant: number, status, force },
      query: { awards: { numbers: [number] } },
      choose: (view) => closeAward(view, { number, status, force }),
    },
    ports,
  );
}
