import { describe, expect, it } from 'vitest';
import { refused } from '../../../src/core/errors.ts';
import type { Change } from '../../../src/core/ledger/change.ts';
import { chargeHold } from '../../../src/core/ledger/charge-hold.ts';
import { chargeWithoutHold } from '../../../src/core/ledger/late.ts';
import type { ShareToSettle } from '../../../src/core/ledger/settle.ts';
import type { View } from '../../../src/core/ledger/view.ts';
import { sum } from '../../../src/core/money/money.ts';
import { parseRate, segmentAmounts, ZERO_RATE } from '../../../src/core/money/rate.ts';
import { seedAccount, type TemporaryLedger, temporaryLedger } from '../../support/ledger.ts';
import { ask, askKeyless, holdOf, place, sumsOf, tryCharge } from '../../support/policy.ts';

const RATE = parseRate('3.600000') ?? ZERO_RATE;
const INSTANCE = 'i-0123456789abcdef0';

interface Segment {
  readonly seconds: number;
  readonly budgetId: number;
  readonly holdId: number | undefined;
}

/** A launched instance whose segments (one payer each) are written down and not yet paid. */
async function instance(
  { ledger }: TemporaryLedger,
  holdId: number,
  segments: readonly Segment[],
): Promise<readonly ShareToSettle[]> {
  const amounts = segmentAmounts(segments.map(({ seconds }) => ({ seconds, rate: RATE })));
  const shares: ShareToSettle[] = [];
  await ask(ledger, {}, (view) => {
    const { intentId } = view.next;
    const launchS = view.nowS;
    const changes: Change[] = launched(view, holdId, intentId);
    let fromS = launchS;
    for (const [at, { seconds, budgetId, holdId: payer }] of segments.entries()) {
      const usageId = view.next.usageId + at;
      const amount = amounts[at] ?? sum([]);
      const toS = fromS + seconds;
      changes.push(
        {
          change: 'insertUsage',
          row: { usageId, instanceId: INSTANCE, fromS, toS, rate: RATE, amount },
        },
        { change: 'insertShare', row: { usageId, n: 0, budgetId, holdId: payer, amount } },
      );
      shares.push({ usageId, n: 0, amount, instanceId: INSTANCE, fromS });
      fromS = toS;
    }
    return { changes, answer: null };
  });
  return shares;
}

function launched(view: View, holdId: number, intentId: number): Change[] {
  return [
    {
      change: 'putIntent',
      row: {
        intentId,
        clusterId: view.clusterId,
        holdId,
        purpose: 'job',
        clientToken: `asbb-${intentId}`,
        request: '{}',
        want: 1,
        plannedUs: view.nowUs,
        sentUs: view.nowUs,
        state: 'done',
        attempt: 1,
        nodes: 'aws-cpu-000',
        code: '',
        aborted: false,
      },
    },
    {
      change: 'putInstance',
      row: {
        instanceId: INSTANCE,
        intentId,
        node: 'aws-cpu-000',
        launchS: view.nowS,
        state: 'terminating',
        tagCluster: view.clusterName,
        tagIntent: intentId,
        tagHold: holdId,
        instanceType: 'c5.xlarge',
        zone: 'us-east-1a',
        lifecycle: 'on-demand',
        address: '',
        rate: RATE,
        endCause: '',
      },
    },
  ];
}

async function scene() {
  const books = await temporaryLedger();
  await seedAccount(books.ledger, { name: 'ml-7', deposit: '1' });
  const token = await place(books.ledger, { account: 'ml-7', task: '0.5' });
  const hold = await holdOf(books.ledger, token);
  return { books, token, hold };
}

async function charge(
  { ledger }: TemporaryLedger,
  token: string,
  shares: readonly ShareToSettle[],
) {
  return await askKeyless(
    ledger,
    { holds: { tokens: [token], owners: true, charges: true } },
    (view) =>
      chargeHold(view, {
        token,
        cost: { kind: 'shares', shares },
        effective: { effectiveS: view.nowS, day: view.today },
      }),
  );
}

describe('the cost of instances', () => {
  it('is charged from their segments, further ones late', async () => {
    const { books, token, hold } = await scene();
    const { holdId, budgetId } = hold;
    const [one, two, three] = await instance(books, holdId, [
      { seconds: 61, budgetId, holdId },
      { seconds: 100, budgetId, holdId },
      { seconds: 7, budgetId, holdId },
    ]);
    expect(one && two && three).toBeDefined();
    await charge(
      books,
      token,
      [one, two].filter((share) => share !== undefined),
    );
    expect(await sumsOf(books.ledger, 'ml-7')).toBe('1 0.161 0 0.839');
    const late = await charge(
      books,
      token,
      [three].filter((share) => share !== undefined),
    );
    expect(late).toMatchObject({ state: 'charged', actualCharge: '168000' });
    expect(await sumsOf(books.ledger, 'ml-7')).toBe('1 0.168 0 0.832');
    const keys = books.raw().prepare("SELECT key FROM idem WHERE key LIKE 'late%'").pluck().all();
    expect(keys).toEqual([`late:${token}:${INSTANCE}:${three?.fromS}`]);
  });

  it('takes the place of what a file had charged', async () => {
    const { books, token, hold } = await scene();
    const { holdId, budgetId } = hold;
    await tryCharge(books.ledger, token, '0.25');
    const shares = await instance(books, holdId, [{ seconds: 161, budgetId, holdId }]);
    expect(await charge(books, token, shares)).toMatchObject({ actualCharge: '161000' });
    expect(await sumsOf(books.ledger, 'ml-7')).toBe('1 0.161 0 0.839');
  });

  it('is booked on the payer where no hold covers it', async () => {
    const { books, token, hold } = await scene();
    const { budgetId, holdId } = hold;
    const shares = await instance(books, holdId, [{ seconds: 1000, budgetId, holdId: undefined }]);
    await ask(books.ledger, { payer: { slurmAccount: 'ml-7' } }, (view) =>
      chargeWithoutHold(
        view,
        {
          cost: { kind: 'shares', shares },
          partition: 'aws',
          effective: { effectiveS: view.nowS, day: view.today },
          key: `late:pool:${INSTANCE}:${view.nowS}`,
        },
        refused('NOT_FOUND', 'nobody pays'),
      ),
    );
    expect(await sumsOf(books.ledger, 'ml-7')).toBe('1 1 0.5 -0.5');
    expect(await holdOf(books.ledger, token)).toMatchObject({ state: 'open' });
  });
});
