import { describe, expect, it } from 'vitest';
import { seedAccount, temporaryLedger, usd } from '../support/ledger.ts';

describe('a decision', () => {
  it('is seen by the next view', async () => {
    const { ledger } = await temporaryLedger();
    await seedAccount(ledger, { name: 'ml-7', deposit: '40', limits: { aws: '10' } });
    const view = await ledger.read({ payer: { slurmAccount: 'ml-7' } });
    expect(view.payer?.account.budgets).toMatchObject([{ free: usd('40') }]);
    expect(view.payer?.account.partitions).toMatchObject([{ limit: { limit: usd('10') } }]);
    expect(view.next.seq).toBe(2);
  });
});
