import assert from 'node:assert/strict';
import { expect, it } from 'vitest';
import { isRefused } from '../../src/core/errors.ts';
import { toMicrosText } from '../../src/core/money/money.ts';
import { rateFromE10Text } from '../../src/core/money/rate.ts';
import { coverRate } from '../../src/flows/steps/cover-rung.ts';
import { TARGET } from './support/one-group.ts';
import { reconciled } from './support/reconciling.ts';
import { startSite } from './support/site.ts';

// What goes from one rung to the next: nothing that runs, and a hold that covers it.

const TOTAL = `${TARGET}.TotalTargetCapacity`;

it.each([
  ['not yet visible', { invisible_s: 30 }, []],
  [
    'not to be terminated at first',
    {},
    [
      {
        id: 'no',
        match: { action: 'TerminateInstances', nth: 1 },
        do: { error: { code: 'UnauthorizedOperation', status: 403 } },
      },
    ],
  ],
] as const)(
  'GANG-2, F16, F20: %s: what came is gone later, although the next rung succeeded',
  async (_name, how, more) => {
    const site = await startSite({
      faults: [
        {
          id: 'two come',
          match: { action: 'CreateFleet', where: { [TOTAL]: '2' }, max: 1 },
          do: { ...how, fulfil: 2 },
        },
        {
          id: 'one does not',
          match: { action: 'CreateFleet', where: { [TOTAL]: '1' }, max: 1 },
          do: { fulfil: 0, pool_error: 'InsufficientInstanceCapacity' },
        },
        ...more,
      ],
    });
    const nodes = ['aws-cpu-001', 'aws-cpu-002', 'aws-two-001'];
    const result = await site.start(await site.submit(), nodes);
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    expect(await site.fake.live()).toHaveLength(5);
    await site.forward(60);
    site.slurm.register(nodes);
    await reconciled(site);
    const live = (await site.fake.live()).map(({ id }) => id);
    const bound = result.gangs[0]?.bound.map(({ instance }) => instance.instanceId) ?? [];
    expect(live.toSorted()).toEqual(bound.toSorted());
  },
);

it('GANG-4, F43: groups of different price raise the hold once, to the dearest', async () => {
  const site = await startSite();
  const job = await site.submit({ amount: '0.10' });
  const result = await site.start(job, ['aws-cpu-001', 'aws-two-001']);
  expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
  // 2 × 0.18 × (3600 + 650) s × 1.2
  const { holds } = await site.books.ledger.read({ holds: { jobIds: [job.jobId] } });
  expect(holds.map(({ amount }) => toMicrosText(amount))).toEqual(['510000']);
  expect(site.logged.filter(({ event }) => event === 'hold_extended')).toHaveLength(1);
});

it('F43: a dearer rung after one that was not launched raises the hold again', async () => {
  const site = await startSite();
  const { jobId, adminComment } = await site.submit({ amount: '0.10' });
  const token = adminComment.slice('asbb:hold='.length);
  const [job] = await site.ports.slurm.job(jobId);
  const tokens = { holds: { tokens: [token] } };
  const [hold] = (await site.books.ledger.read(tokens)).holds;
  assert(job !== undefined && hold !== undefined);
  for (const rate of ['1700000000', '1800000000']) {
    const step = { attempt: 1, rung: 0 };
    const covered = await coverRate({ job, hold }, rateFromE10Text(rate), step, site.ports);
    expect(isRefused(covered)).toBe(false);
  }
  const { holds } = await site.books.ledger.read(tokens);
  expect(holds.map(({ amount }) => toMicrosText(amount))).toEqual(['255000']);
});
