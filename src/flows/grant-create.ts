import { isRefused, type Refused } from '../core/errors.ts';
import { dayOf } from '../core/grant/calendar.ts';
import { type CreateAward, createAward as choose } from '../core/grant/create-award.ts';
import { invalid } from '../core/ledger/account-words.ts';
import type { Manner } from './steps/ask-account.ts';
import {
  actOnGrant,
  endOf,
  type GrantDone,
  type GrantPorts,
  startOf,
  sumOf,
} from './steps/ask-grant.ts';
import {
  allRead,
  baseOf,
  type CapPorts,
  capOf,
  type GrantFlags,
  given,
  rateE4Of,
  rateTypeOf,
  saidArgs,
  termsOf,
  textsOf,
} from './steps/grant-words.ts';

/** As a person writes it; amounts, dates and rates are text still. */
export interface NewGrant extends Manner, GrantFlags {
  readonly number: string;
  readonly agency: string;
  readonly pi: string;
  /** Absent: `grant_management.institution`. */
  readonly institution?: string | undefined;
  readonly amount: string;
  readonly authorized?: string | undefined;
  readonly start: string;
  readonly end: string;
  readonly indirect: string;
  readonly base: string;
  readonly rateType: string;
  readonly reference?: string | undefined;
}

/** What the configuration says of grants. */
export interface GrantDefaults {
  readonly institution: string;
  readonly periodMonths: number;
}

/** The ask without what its flags do not decide. */
function askOf(asked: NewGrant, defaults: GrantDefaults, zone: string): CreateAward | Refused {
  const figures = allRead({
    total: sumOf({ text: asked.amount, flag: 'amount', field: 'total_award_amount' }),
    authorized: given(asked.authorized, 'authorized', 'authorized_amount', sumOf),
    startS: startOf({ text: asked.start, flag: 'start', field: 'grant_start_date' }, zone),
    endS: endOf({ text: asked.end, flag: 'end', field: 'grant_end_date' }, zone),
    rateE4: rateE4Of({ text: asked.indirect, flag: 'indirect', field: 'indirect_cost_rate' }),
    rateBase: baseOf({ text: asked.base, flag: 'base' }),
    rateType: rateTypeOf({ text: asked.rateType, flag: 'rate-type' }),
  });
  const texts = textsOf(asked);
  const terms = termsOf(asked);
  if (isRefused(figures)) {
    return figures;
  }
  if (isRefused(texts)) {
    return texts;
  }
  if (isRefused(terms)) {
    return terms;
  }
  return {
    ...texts,
    ...terms,
    ...figures,
    periodMonths: terms.periodMonths ?? defaults.periodMonths,
    number: asked.number.trim(),
    agency: asked.agency.trim(),
    pi: asked.pi.trim(),
    institution: (asked.institution ?? defaults.institution).trim(),
    startDay: dayOf(figures.startS, zone),
    endDay: dayOf(figures.endS, zone),
    reference: asked.reference,
  };
}

/** `grant create`. VALIDATION_ERROR with the JSON key as its field, DUPLICATE. */
export async function createGrant(
  asked: NewGrant,
  defaults: GrantDefaults,
  ports: GrantPorts & CapPorts,
): Promise<GrantDone | Refused> {
  if (asked.institution?.trim() === '') {
    return invalid('institution', 'institution is required');
  }
  const ask = askOf(asked, defaults, ports.zone);
  if (isRefused(ask)) {
    return ask;
  }
  return await actOnGrant(
    {
      key: asked.key,
      dryRun: asked.dryRun,
      number: ask.number,
      verb: 'grant create',
      args: saidArgs(ask),
      query: { awards: { numbers: [ask.number] } },
      choose: (view) => choose(view, { ...ask, deMinimisCap: capOf(ports) }),
    },
    ports,
  );
}
