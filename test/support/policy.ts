import { assert, isRefused, type Refused } from '../../src/core/errors.ts';
import type { Json } from '../../src/core/json.ts';
import type { Decision } from '../../src/core/ledger/change.ts';
import {
  type ChargeAnswer,
  type ChargeHold,
  chargeHold,
} from '../../src/core/ledger/charge-hold.ts';
import type { HoldAnswer } from '../../src/core/ledger/hold-words.ts';
import { type PlaceHold, placeHold } from '../../src/core/ledger/place-hold.ts';
import type { HoldRow } from '../../src/core/ledger/rows.ts';
import { accountSums } from '../../src/core/ledger/sums.ts';
import type { AccountFigures, Query, View } from '../../src/core/ledger/view.ts';
import { times, toDecimal } from '../../src/core/money/money.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { usd } from './dollars.ts';

// The decisions of core/ledger on a real ledger, each under a key of its own.

type Books = Pick<Ledger, 'decide' | 'read'>;

let number = 0;

function newToken(): string {
  number += 1;
  return `t${String(number).padStart(25, '0')}`;
}

export async function ask<A extends Json>(
  ledger: Books,
  query: Query,
  choose: (view: View) => Decision<A> | Refused,
): Promise<A | Refused> {
  number += 1;
  const request = { scope: 'hpc1', key: `test:${number}`, verb: 'test', args: { number } };
  const answer = await ledger.decide(request, query, choose);
  return isRefused(answer) ? answer : answer.answer;
}

/** As SLURM's hooks ask: without a key of the request. */
export async function askKeyless<A extends Json>(
  ledger: Books,
  query: Query,
  choose: (view: View) => Decision<A> | Refused,
): Promise<A | Refused> {
  number += 1;
  const request = { scope: 'hpc1', verb: 'test', args: { number } };
  const answer = await ledger.decide(request, query, choose);
  return isRefused(answer) ? answer : answer.answer;
}

interface Placing extends Partial<Omit<PlaceHold, 'amount'>> {
  readonly account: string;
  /** Dollars of a task. */
  readonly task: string;
}

export async function tryPlace(ledger: Books, asked: Placing): Promise<HoldAnswer | Refused> {
  const { account, task, tasks = 1, run } = asked;
  const jobIds = run === undefined ? [] : [run.jobId];
  return await ask(
    ledger,
    { payer: { slurmAccount: account, userName: 'ada' }, holds: { jobIds } },
    (view) =>
      placeHold(view, {
        token: newToken(),
        slurmAccount: account,
        partitions: ['aws'],
        userName: 'ada',
        expiresS: view.nowS + 600,
        pricing: '',
        ...asked,
        tasks,
        amount: times(usd(task), tasks),
      }),
  );
}

/** A hold that must be admitted; its token. */
export async function place(ledger: Books, asked: Placing): Promise<string> {
  const answer = await tryPlace(ledger, asked);
  assert(!isRefused(answer), `refused: ${JSON.stringify(answer)}`);
  return answer.token;
}

/** Charged as by hand: an amount in dollars. */
export async function tryCharge(
  ledger: Books,
  token: string,
  dollars: string,
  more: Partial<ChargeHold> = {},
): Promise<ChargeAnswer | Refused> {
  const holds = { tokens: [token], owners: true, charges: true };
  return await askKeyless(ledger, { holds }, (view) =>
    chargeHold(view, {
      token,
      cost: { kind: 'amount', amount: usd(dollars) },
      effective: { effectiveS: view.nowS, day: view.today },
      ...more,
    }),
  );
}

export async function figuresOf(ledger: Books, account: string): Promise<AccountFigures> {
  const view = await ledger.read({ accounts: [account] });
  const found = view.accounts.find((figures) => figures.account.name === account);
  assert(found !== undefined, `no account ${account}`);
  return found;
}

/** `limit used held available`, as people read them. */
export async function sumsOf(ledger: Books, account: string): Promise<string> {
  const { limit, used, held, available } = accountSums(await figuresOf(ledger, account));
  return [limit, used, held, available].map(toDecimal).join(' ');
}

export async function holdOf(ledger: Books, token: string): Promise<HoldRow> {
  const view = await ledger.read({ holds: { tokens: [token] } });
  const [hold] = view.holds;
  assert(hold !== undefined, `no hold ${token}`);
  return hold;
}

export function codeOf(answer: unknown): string | undefined {
  return isRefused(answer) ? answer.code : undefined;
}
