import { assert, isRefused, type Refused } from '../../src/core/errors.ts';
import { type AddEntry, addEntry, type EntryAnswer } from '../../src/core/grant/add-entry.ts';
import { endOfDay, startOfDay } from '../../src/core/grant/calendar.ts';
import { type CreateAward, createAward } from '../../src/core/grant/create-award.ts';
import {
  type LinkAccount,
  type LinkAnswer,
  linkAccount,
  type UnlinkAnswer,
  unlinkAccount,
} from '../../src/core/grant/link-account.ts';
import { type RateAnswer, type SetRate, setRate } from '../../src/core/grant/set-rate.ts';
import type { AwardFigures } from '../../src/core/grant/view.ts';
import type { AwardAnswer } from '../../src/core/grant/words.ts';
import type { Decision } from '../../src/core/ledger/change.ts';
import type { View } from '../../src/core/ledger/view.ts';
import { toDecimal } from '../../src/core/money/money.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { seedAccount, type TemporaryLedger, temporaryLedger, usd } from './ledger.ts';
import { ask } from './policy.ts';

// Acts on grants on a real ledger, with the usual answers filled in. The ledger's clock says 2026-11-21.

type Books = Pick<Ledger, 'decide' | 'read'>;

export const GRANT_START = 20_260_101;
export const GRANT_END = 20_281_231;

type NewAward = Partial<CreateAward> & { readonly number: string; readonly dollars?: string };

function newAward(more: NewAward): CreateAward {
  const { dollars = '750000', ...rest } = more;
  const startDay = rest.startDay ?? GRANT_START;
  const endDay = rest.endDay ?? GRANT_END;
  return {
    agency: 'NSF',
    pi: 'Ada Lovelace',
    institution: 'University',
    total: usd(dollars),
    startDay,
    endDay,
    startS: startOfDay(startDay, 'UTC'),
    endS: endOfDay(endDay, 'UTC'),
    rateE4: 3000,
    rateBase: 'MTDC',
    rateType: 'provisional',
    ...rest,
  };
}

export async function tryAward(ledger: Books, more: NewAward): Promise<AwardAnswer | Refused> {
  return await ask(ledger, { awards: { numbers: [more.number] } }, (view) =>
    createAward(view, newAward(more)),
  );
}

export async function openAward(ledger: Books, more: NewAward): Promise<void> {
  const answer = await tryAward(ledger, more);
  assert(!isRefused(answer), `refused: ${JSON.stringify(answer)}`);
}

export const R01 = { awards: { numbers: ['R01'], rating: true } };
/** What an act on it names. */
export const PAPER = { number: 'R01', reference: 'letter of today' };

/** A ledger with the grant R01 and, beside it, the account ml-7 with its own money. */
export async function granted(dollars = '1000', deposit = '100'): Promise<TemporaryLedger> {
  const temporary = await temporaryLedger();
  await seedAccount(temporary.ledger, { name: 'ml-7', deposit });
  await openAward(temporary.ledger, { number: 'R01', dollars });
  return temporary;
}

/** A decision about R01, to be asked of a ledger. */
export function doing<Ask>(
  act: (view: View, asked: Ask) => Decision<AwardAnswer> | Refused,
): (ledger: Books, asked: Ask) => Promise<unknown> {
  return (ledger, asked) => ask(ledger, R01, (view) => act(view, asked));
}

export async function tryLink(
  ledger: Books,
  number: string,
  account: string,
  more: Partial<LinkAccount> & { readonly dollars?: string } = {},
): Promise<LinkAnswer | Refused> {
  const { dollars, ...rest } = more;
  const amount = dollars === undefined ? undefined : usd(dollars);
  return await ask(ledger, { awards: { numbers: [number] }, accounts: [account] }, (view) =>
    linkAccount(view, { number, account, amount, basis: 'direct', ...rest }),
  );
}

export async function link(...asked: Parameters<typeof tryLink>): Promise<LinkAnswer> {
  const answer = await tryLink(...asked);
  assert(!isRefused(answer), `refused: ${JSON.stringify(answer)}`);
  return answer;
}

export async function tryUnlink(
  ledger: Books,
  number: string,
  account: string,
): Promise<UnlinkAnswer | Refused> {
  return await ask(
    ledger,
    { awards: { numbers: [number], links: true }, accounts: [account] },
    (view) => unlinkAccount(view, { number, account }),
  );
}

export async function trySetRate(
  ledger: Books,
  number: string,
  more: Partial<SetRate> & { readonly rateE4: number },
): Promise<RateAnswer | Refused> {
  return await ask(ledger, { awards: { numbers: [number], rating: true } }, (view) =>
    setRate(view, { number, reference: 'letter', base: 'MTDC', type: 'final', ...more }),
  );
}

export async function tryEntry(
  ledger: Books,
  number: string,
  dollars: string,
  more: Partial<AddEntry> = {},
): Promise<EntryAnswer | Refused> {
  const day = more.day ?? 20_261_101;
  return await ask(ledger, { awards: { numbers: [number], entries: true } }, (view) =>
    addEntry(view, {
      number,
      day,
      effectiveS: startOfDay(day, 'UTC'),
      category: 'travel',
      kind: 'expenditure',
      share: 'federal',
      inMtdc: true,
      amount: usd(dollars),
      reference: `inv-${view.next.seq}-${view.awards?.next.entryId}`,
      force: false,
      ...more,
    }),
  );
}

export async function awardOf(ledger: Books, number: string): Promise<AwardFigures> {
  const view = await ledger.read({
    awards: { numbers: [number], entries: true, rating: true, links: true },
  });
  const [found] = view.awards?.awards ?? [];
  assert(found !== undefined, `no grant ${number}`);
  return found;
}

/** `left external faExternal | account free held spent faHeld faSpent …`, closed budgets in brackets. */
export async function moneyOf(ledger: Books, number: string): Promise<string> {
  const { left, external, faExternal, budgets } = await awardOf(ledger, number);
  const own = [left, external, faExternal].map(toDecimal).join(' ');
  const each = budgets.map(({ budget, accountName, free, held, spent, faHeld, faSpent }) => {
    const sums = [free, held, spent, faHeld, faSpent].map(toDecimal).join(' ');
    return budget.closed ? `(${accountName} ${sums})` : `${accountName} ${sums}`;
  });
  return [own, ...each].join(' | ');
}
