import { isRefused, type Refused } from '../core/errors.ts';
import { updateAward as choose, type UpdateAward } from '../core/grant/update-award.ts';
import { invalid } from '../core/ledger/account-words.ts';
import type { Manner } from './steps/ask-account.ts';
import { actOnGrant, type GrantDone, type GrantPorts, wordOf } from './steps/ask-grant.ts';
import { type GrantFlags, given, saidArgs, termsOf, textsOf } from './steps/grant-words.ts';

/** As a person writes it; what is absent stays. */
export interface GrantChanges extends Manner, GrantFlags {
  readonly number: string;
  readonly agency?: string | undefined;
  readonly pi?: string | undefined;
  readonly institution?: string | undefined;
  readonly status?: string | undefined;
}

/** The others are reached by `grant close`. */
const STATUSES = ['pending', 'active', 'suspended'] as const;

function askOf(asked: GrantChanges): UpdateAward | Refused {
  const texts = textsOf(asked);
  const terms = termsOf(asked);
  const status = given(asked.status, 'status', 'status', (said) => wordOf(said, STATUSES));
  if (isRefused(texts)) {
    return texts;
  }
  if (isRefused(terms)) {
    return terms;
  }
  if (isRefused(status)) {
    return { ...status, advice: 'asbb grant close sets completed and cancelled' };
  }
  const { number, agency, pi, institution } = asked;
  if (institution?.trim() === '') {
    return invalid('institution', 'institution is required', 'leave --institution out to keep it');
  }
  return { ...texts, ...terms, number, agency, pi, institution, status };
}

/** `grant update`. VALIDATION_ERROR (also when nothing is given), NOT_FOUND. */
export async function updateGrant(
  asked: GrantChanges,
  ports: GrantPorts,
): Promise<GrantDone | Refused> {
  const ask = askOf(asked);
  if (isRefused(ask)) {
    return ask;
  }
  const { number, ...words } = ask;
  const args = saidArgs(words);
  if (Object.keys(args).length === 0) {
    return invalid('grant', 'nothing to change', 'give at least one flag, see --help');
  }
  return await actOnGrant(
    {
      key: asked.key,
      dryRun: asked.dryRun,
      number,
      verb: 'grant update',
      args: { grant: number, ...args },
      query: { awards: { numbers: [number], rating: true } },
      choose: (view) => choose(view, ask),
    },
    ports,
  );
}
