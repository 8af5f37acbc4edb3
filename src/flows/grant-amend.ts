import { isRefused, type Refused } from '../core/errors.ts';
import { approveCarryover, approvedOf } from '../core/grant/approve-carryover.ts';
import { authorizeAward, deobligateAward, supplementAward } from '../core/grant/award-amount.ts';
import { dayOf } from '../core/grant/calendar.ts';
import { type ExtendAnswer, extendAward } from '../core/grant/extend-award.ts';
import { type RateAnswer, setRate } from '../core/grant/set-rate.ts';
import type { Amendment, AwardAnswer } from '../core/grant/words.ts';
import { invalid } from '../core/ledger/account-words.ts';
import { toMicrosText, ZERO } from '../core/money/money.ts';
import type { Manner } from './steps/ask-account.ts';
import {
  actOnGrant,
  dayIn,
  endOf,
  type GrantDone,
  type GrantPorts,
  startOf,
  sumOf,
} from './steps/ask-grant.ts';
import { showGrantSight } from './steps/grant-sight.ts';
import {
  allRead,
  baseOf,
  type CapPorts,
  capOf,
  given,
  rateE4Of,
  rateTypeOf,
  saidArgs,
} from './steps/grant-words.ts';

// What changes an award after it was made (budget.md 2.4): each is one row of its history.

/** What stands beside every amendment, as a person writes it. */
export interface AmendFlags extends Manner {
  readonly number: string;
  readonly reference: string;
  readonly effective?: string | undefined;
  readonly approvedBy?: string | undefined;
  readonly notes?: string | undefined;
}

function amendmentOf(asked: AmendFlags, zone: string): Amendment | Refused {
  const effectiveS = given(asked.effective, 'effective', 'effective_date', (said) =>
    startOf(said, zone),
  );
  const { number, reference, approvedBy, notes } = asked;
  return isRefused(effectiveS)
    ? effectiveS
    : { number, reference, effectiveS, approvedBy: approvedBy?.trim(), notes };
}

export interface AmountFlags extends AmendFlags {
  readonly amount: string;
}

const AMOUNT_ACTS = {
  supplement: supplementAward,
  authorize: authorizeAward,
} as const;

/** `grant supplement`, with `instalment` more of the same total. VALIDATION_ERROR, NOT_FOUND, POLICY. */
export async function supplementGrant(
  asked: AmountFlags & { readonly instalment: boolean },
  ports: GrantPorts,
): Promise<GrantDone | Refused> {
  const words = allRead({
    amendment: amendmentOf(asked, ports.zone),
    amount: sumOf({ text: asked.amount, flag: 'amount' }),
  });
  if (isRefused(words)) {
    return words;
  }
  const { amendment, amount } = words;
  const act = AMOUNT_ACTS[asked.instalment ? 'authorize' : 'supplement'];
  const ask = { ...amendment, amount };
  return await actOnGrant(
    {
      key: asked.key,
      dryRun: asked.dryRun,
      number: asked.number,
      verb: asked.instalment ? 'grant instalment' : 'grant supplement',
      args: { ...saidArgs(amendment), amount: toMicrosText(amount) },
      query: { awards: { numbers: [asked.number] } },
      choose: (view) => act(view, ask),
    },
    ports,
  );
}

/** `grant deobligate`. VALIDATION_ERROR, NOT_FOUND, POLICY, IN_USE unless forced. */
export async function deobligateGrant(
  asked: AmountFlags & { readonly force: boolean },
  ports: GrantPorts,
): Promise<GrantDone | Refused> {
  const words = allRead({
    amendment: amendmentOf(asked, ports.zone),
    amount: sumOf({ text: asked.amount, flag: 'amount' }),
  });
  if (isRefused(words)) {
    return words;
  }
  const { amendment, amount } = words;
  const { force } = asked;
  return await actOnGrant(
    {
      key: asked.key,
      dryRun: asked.dryRun,
      number: asked.number,
      verb: 'grant deobligate',
      args: { ...saidArgs(amendment), amount: toMicrosText(amount), force },
      query: { awards: { numbers: [asked.number] } },
      choose: (view) => deobligateAward(view, { ...amendment, amount, force }),
    },
    ports,
  );
}

export interface RateFlags extends AmendFlags {
  readonly rate: string;
  readonly base: string;
  readonly type: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** `grant rate`. VALIDATION_ERROR, NOT_FOUND, POLICY. */
export async function rateGrant(
  asked: RateFlags,
  ports: GrantPorts & CapPorts,
): Promise<GrantDone<RateAnswer> | Refused> {
  const amendment = amendmentOf(asked, ports.zone);
  const words = allRead({
    rateE4: rateE4Of({ text: asked.rate, flag: 'rate' }),
    base: baseOf({ text: asked.base, flag: 'base' }),
    type: rateTypeOf({ text: asked.type, flag: 'type' }),
    fromDay: given(asked.from, 'from', 'from', (said) => dayIn(said, ports.zone)),
    toDay: given(asked.to, 'to', 'to', (said) => dayIn(said, ports.zone)),
  });
  if (isRefused(words)) {
    return words;
  }
  if (isRefused(amendment)) {
    return amendment;
  }
  const ask = { ...amendment, ...words };
  return await actOnGrant(
    {
      key: asked.key,
      dryRun: asked.dryRun,
      number: asked.number,
      verb: 'grant rate',
      args: saidArgs(ask),
      query: { awards: { numbers: [asked.number], rating: true } },
      choose: (view) => setRate(view, { ...ask, deMinimisCap: capOf(ports) }),
    },
    ports,
  );
}

/** `grant extend`. VALIDATION_ERROR (not later), NOT_FOUND, POLICY. */
export async function extendGrant(
  asked: AmendFlags & { readonly end: string },
  ports: GrantPorts,
): Promise<GrantDone<ExtendAnswer> | Refused> {
  const { zone } = ports;
  const amendment = amendmentOf(asked, zone);
  const newEndS = endOf({ text: asked.end, flag: 'end' }, zone);
  if (isRefused(newEndS)) {
    return newEndS;
  }
  if (isRefused(amendment)) {
    return amendment;
  }
  return await actOnGrant(
    {
      key: asked.key,
      dryRun: asked.dryRun,
      number: asked.number,
      verb: 'grant extend',
      args: { ...saidArgs(amendment), end_s: newEndS },
      query: { awards: { numbers: [asked.number] } },
      choose: (view) => {
        const award = view.awards?.awards.find((each) => each.award.number === asked.number);
        const oldEndDay = dayOf(award?.award.endS ?? newEndS, zone);
        return extendAward(view, {
          ...amendment,
          newEndS,
          newEndDay: dayOf(newEndS, zone),
          oldEndDay,
        });
      },
    },
    ports,
  );
}

/** `grant carryover approve`. VALIDATION_ERROR (more than waits), NOT_FOUND, POLICY. */
export async function approveGrantCarryover(
  asked: AmountFlags & { readonly period: number },
  ports: GrantPorts,
): Promise<GrantDone<AwardAnswer> | Refused> {
  const amendment = amendmentOf(asked, ports.zone);
  const amount = sumOf({ text: asked.amount, flag: 'amount' });
  if (isRefused(amount)) {
    return amount;
  }
  if (isRefused(amendment)) {
    return amendment;
  }
  const sight = await showGrantSight(asked.number, ports);
  if (isRefused(sight)) {
    return sight;
  }
  const { period } = asked;
  const figures = sight.outline.periods[period - 1];
  if (figures === undefined) {
    const { length } = sight.outline.periods;
    return invalid(
      'period',
      `grant ${asked.number} has ${length} budget periods`,
      '--period from 1',
    );
  }
  const pending = figures.pendingApproval ?? ZERO;
  const approved = approvedOf(sight.figures, period);
  return await actOnGrant(
    {
      key: asked.key,
      dryRun: asked.dryRun,
      number: asked.number,
      verb: 'grant carryover approve',
      args: { ...saidArgs(amendment), period, amount: toMicrosText(amount) },
      query: { awards: { numbers: [asked.number] } },
      choose: (view) => approveCarryover(view, { ...amendment, period, amount, pending, approved }),
    },
    ports,
  );
}
