import type { Txn } from '../../src/core/ledger/change.ts';
import type { View } from '../../src/core/ledger/view.ts';
import { negate } from '../../src/core/money/money.ts';
import type { LedgerRequest } from '../../src/ports/ledger.ts';
import { seedAccount, type TemporaryLedger, temporaryLedger, usd } from '../support/ledger.ts';

export const REQUEST: LedgerRequest = {
  scope: 'hpc1',
  key: 'k',
  verb: 'test',
  args: { amount: '5' },
};

export async function withMoney(): Promise<TemporaryLedger> {
  const temporary = await temporaryLedger();
  await seedAccount(temporary.ledger, { name: 'ml-7', deposit: '40', limits: { aws: '10' } });
  return temporary;
}

export function fund(view: View, dollars: string, more: Partial<Txn> = {}): Txn {
  const amount = usd(dollars);
  return {
    kind: 'fund',
    effectiveS: view.nowS,
    day: view.today,
    lines: [
      { kind: 'source', ownerId: 0, amount: negate(amount) },
      { kind: 'free', ownerId: 1, amount },
    ],
    ...more,
  };
}

export function count({ raw }: TemporaryLedger, table: string): number {
  const db = raw();
  const found = Number(db.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get());
  db.close();
  return found;
}
