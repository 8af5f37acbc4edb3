import { expect, it } from 'vitest';
import { expireAccounts } from '../../../src/flows/steps/expire-accounts.ts';
import type { LogFields } from '../../../src/ports/system.ts';
import { seedAccount, temporaryLedger } from '../../support/ledger.ts';
import { figuresOf } from '../../support/policy.ts';

it('marks accounts past their end, once, and writes nothing otherwise', async () => {
  const { ledger, clock, raw } = await temporaryLedger();
  const told: LogFields[] = [];
  const ports = {
    ledger,
    log: { write: (_level: string, _event: string, fields: LogFields) => told.push(fields) },
  };
  await seedAccount(ledger, { name: 'ml-7' });
  const rows = raw().prepare('SELECT COUNT(*) FROM journal').pluck();
  expect(await expireAccounts(ports)).toEqual([]);
  expect(rows.get()).toBe(1n);
  clock.forward(366 * 86_400);
  expect(await expireAccounts(ports)).toEqual(['ml-7']);
  expect(await expireAccounts(ports)).toEqual([]);
  expect(rows.get()).toBe(2n);
  expect(told).toEqual([{ account: 'ml-7' }]);
  expect((await figuresOf(ledger, 'ml-7')).account.status).toBe('expired');
});
