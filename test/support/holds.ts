import { assert, isRefused } from '../../src/core/errors.ts';
import type { Json } from '../../src/core/json.ts';
import type { Decision } from '../../src/core/ledger/change.ts';
import type { HoldRow } from '../../src/core/ledger/rows.ts';
import type { Query, View } from '../../src/core/ledger/view.ts';
import { minus, negate } from '../../src/core/money/money.ts';
import type { Ledger, LedgerRequest } from '../../src/ports/ledger.ts';
import { usd } from './dollars.ts';

// Holds written straight through the ledger, for tests of the ledger itself: no policy in between.

type Books = Pick<Ledger, 'decide'>;

export interface SimpleHold {
  readonly token: string;
  readonly account: string;
  /** Dollars. */
  readonly amount: string;
  readonly partition?: string;
  readonly jobId?: number;
}

const HOUR_S = 3600;

export async function write(
  ledger: Books,
  request: Partial<LedgerRequest>,
  query: Query,
  choose: (view: View) => Decision<Json>,
): Promise<Json> {
  const answer = await ledger.decide<Json>(
    { scope: 'hpc1', verb: 'test', args: {}, ...request },
    query,
    choose,
  );
  assert(!isRefused(answer), 'refused');
  return answer.answer;
}

function holdDecision(view: View, hold: SimpleHold): Decision<Json> {
  const { payer } = view;
  const budgetId = payer?.account.budgets[0]?.budget.budgetId;
  assert(budgetId !== undefined, `no budget for ${hold.account}`);
  const amount = usd(hold.amount);
  const { holdId, seq } = view.next;
  const partition = hold.partition ?? 'aws';
  const row: HoldRow = {
    holdId,
    clusterId: view.clusterId,
    budgetId,
    token: hold.token,
    tasks: 1,
    jobId: hold.jobId,
    arrayTask: -1,
    submitS: hold.jobId === undefined ? undefined : view.nowS,
    restart: 0,
    partition,
    userName: 'ada',
    amount,
    fa: usd('0'),
    state: 'open',
    openedSeq: seq,
    expiresS: view.nowS + HOUR_S,
    pricing: '',
    moves: 0,
    createdUs: view.nowUs,
  };
  return {
    changes: [
      { change: 'putHold', row },
      {
        change: 'post',
        txn: {
          kind: 'hold',
          effectiveS: view.nowS,
          day: view.today,
          clusterId: view.clusterId,
          holdId,
          lines: [
            { kind: 'free', ownerId: budgetId, amount: negate(amount) },
            { kind: 'held', ownerId: budgetId, amount, holdId, partition },
          ],
        },
      },
    ],
    answer: { holdId },
  };
}

export async function openHold(ledger: Books, hold: SimpleHold): Promise<Json> {
  return await write(
    ledger,
    { key: `hold:${hold.token}`, verb: 'submit', args: { token: hold.token, amount: hold.amount } },
    { payer: { slurmAccount: hold.account } },
    (view) => holdDecision(view, hold),
  );
}

export async function chargeHold(
  ledger: Books,
  { token, amount }: { readonly token: string; readonly amount: string },
): Promise<Json> {
  return await write(
    ledger,
    { key: `end:${token}`, verb: 'epilog', args: { token, amount } },
    { holds: { tokens: [token] } },
    (view) => {
      const [hold] = view.holds;
      assert(hold?.state === 'open', `no open hold ${token}`);
      const { budgetId, holdId, partition } = hold;
      const cost = usd(amount);
      return {
        changes: [
          { change: 'putHold', row: { ...hold, state: 'charged', endedSeq: view.next.seq } },
          {
            change: 'post',
            txn: {
              kind: 'charge',
              effectiveS: view.nowS,
              day: view.today,
              clusterId: view.clusterId,
              holdId,
              lines: [
                { kind: 'held', ownerId: budgetId, amount: negate(hold.amount), holdId, partition },
                { kind: 'spent', ownerId: budgetId, amount: cost, partition },
                { kind: 'free', ownerId: budgetId, amount: minus(hold.amount, cost) },
              ],
            },
          },
        ],
        answer: { charged: amount },
      };
    },
  );
}
