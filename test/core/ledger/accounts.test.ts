import { describe, expect, it } from 'vitest';
import { isRefused } from '../../../src/core/errors.ts';
import { type CreateAccount, createAccount } from '../../../src/core/ledger/create-account.ts';
import { deleteAccount } from '../../../src/core/ledger/delete-account.ts';
import { expireAccounts } from '../../../src/core/ledger/expire-accounts.ts';
import { deposit } from '../../../src/core/ledger/fund.ts';
import {
  removePartitionLimit,
  setPartitionLimit,
} from '../../../src/core/ledger/limit-partition.ts';
import { type UpdateAccount, updateAccount } from '../../../src/core/ledger/update-account.ts';
import { seedAccount, temporaryLedger, usd } from '../../support/ledger.ts';
import {
  ask,
  codeOf,
  figuresOf,
  place,
  sumsOf,
  tryCharge,
  tryPlace,
} from '../../support/policy.ts';

const BOUNDS = { least: usd('0.01'), most: usd('5000') };

async function books() {
  const { ledger, clock } = await temporaryLedger();
  async function create(name: string, more: Partial<CreateAccount> = {}) {
    const { parentName, slurmNames = [] } = more;
    const query = {
      accounts: parentName === undefined ? [name] : [name, parentName],
      slurmNames: [name, ...slurmNames],
    };
    return await ask(ledger, query, (view) =>
      createAccount(view, {
        name,
        title: `The ${name}`,
        description: '',
        startS: view.nowS,
        endS: view.nowS + 86_400,
        budget: usd('100'),
        bounds: BOUNDS,
        slurmNames,
        ...more,
      }),
    );
  }
  async function update(name: string, more: Partial<UpdateAccount>) {
    const { parentName, slurmNames } = more;
    const accounts = parentName === undefined || parentName === '' ? [name] : [name, parentName];
    return await ask(ledger, { accounts, slurmNames: slurmNames ?? [] }, (view) =>
      updateAccount(view, { name, bounds: BOUNDS, force: false, ...more }),
    );
  }
  async function remove(name: string, force = false) {
    return await ask(ledger, { accounts: [name] }, (view) => deleteAccount(view, { name, force }));
  }
  return { ledger, clock, create, update, remove };
}

describe('a new account', () => {
  it.each([
    ['-x', 'slurm_account', {}],
    ['a b', 'slurm_account', {}],
    ['x'.repeat(65), 'slurm_account', {}],
    ['x', 'slurm_accounts', { slurmNames: ['$(id)'] }],
    ['x', 'name', { title: ' ' }],
    ['x', 'name', { title: 'x'.repeat(256) }],
    ['x', 'end_date', { endS: 0 }],
    ['x', 'budget_limit', { budget: usd('0.009999') }],
    ['x', 'budget_limit', { budget: usd('5000.01') }],
  ] as const)('%s is refused for its %s', async (name, field, more) => {
    const { create } = await books();
    expect(await create(name, more)).toMatchObject({
      code: 'VALIDATION_ERROR',
      fields: { field },
    });
  });

  it('has names that nobody else has', async () => {
    const { create, ledger } = await books();
    await create('ml-7', { slurmNames: ['ml7-gpu'] });
    expect(codeOf(await create('ml-7'))).toBe('DUPLICATE_ACCOUNT');
    expect(codeOf(await create('ml7-gpu'))).toBe('DUPLICATE_ACCOUNT');
    expect(codeOf(await create('other', { slurmNames: ['ml7-gpu'] }))).toBe('DUPLICATE_ACCOUNT');
    await place(ledger, { account: 'ml7-gpu', task: '40' });
    expect(await sumsOf(ledger, 'ml-7')).toBe('100 0 40 60');
  });

  it('lies below a parent, at most 8 deep', async () => {
    const { create } = await books();
    expect(codeOf(await create('x', { parentName: 'none' }))).toBe('NOT_FOUND');
    await create('l1');
    for (const level of [2, 3, 4, 5, 6, 7, 8]) {
      expect(codeOf(await create(`l${level}`, { parentName: `l${level - 1}` }))).toBeUndefined();
    }
    expect(await create('l9', { parentName: 'l8' })).toMatchObject({
      code: 'VALIDATION_ERROR',
      text: 'accounts would be 9 deep, at most 8 are allowed',
    });
  });
});

describe('an account that changes', () => {
  it('is not its own ancestor, nor too deep with its children', async () => {
    const { create, update } = await books();
    await create('a');
    await create('b', { parentName: 'a' });
    for (const level of [2, 3, 4, 5, 6, 7]) {
      await create(`l${level}`, level === 2 ? {} : { parentName: `l${level - 1}` });
    }
    expect(codeOf(await update('a', { parentName: 'b' }))).toBe('VALIDATION_ERROR');
    expect(codeOf(await update('a', { parentName: 'a' }))).toBe('VALIDATION_ERROR');
    expect(codeOf(await update('a', { parentName: 'l7' }))).toBeUndefined();
    expect(codeOf(await update('l2', { parentName: 'b' }))).toBe('VALIDATION_ERROR');
    await update('a', { parentName: '' });
    await create('a0');
    expect(codeOf(await update('a', { parentName: 'a0' }))).toBeUndefined();
  });

  it('takes what it has used and held under its new parent', async () => {
    const { create, update, ledger } = await books();
    await create('p', { budget: usd('50') });
    await create('q', { budget: usd('30') });
    await create('a', { parentName: 'p' });
    const token = await place(ledger, { account: 'a', task: '25' });
    await tryCharge(ledger, token, '15');
    await place(ledger, { account: 'a', task: '20' });
    expect(await sumsOf(ledger, 'p')).toBe('50 15 20 15');
    expect(codeOf(await update('a', { parentName: 'q' }))).toBe('IN_USE');
    await update('a', { parentName: 'q', force: true });
    expect([await sumsOf(ledger, 'p'), await sumsOf(ledger, 'q')]).toEqual([
      '50 0 0 50',
      '30 15 20 -5',
    ]);
  });

  it('keeps what is used and held, unless forced', async () => {
    const { create, update, ledger } = await books();
    await create('a');
    await place(ledger, { account: 'a', task: '60' });
    expect(await update('a', { budget: usd('59.99') })).toMatchObject({
      code: 'IN_USE',
      text: 'account a has $60.00 used and held, more than $59.99',
    });
    await update('a', { budget: usd('60') });
    expect(await sumsOf(ledger, 'a')).toBe('60 0 60 0');
    await update('a', { budget: usd('10'), force: true });
    expect(await sumsOf(ledger, 'a')).toBe('10 0 60 -50');
    expect(codeOf(await update('a', { budget: usd('6000') }))).toBe('VALIDATION_ERROR');
  });

  it('lives again when its end moves into the future', async () => {
    const { create, update, ledger, clock } = await books();
    await create('a');
    clock.forward(86_401);
    const expired = await ask(ledger, { allAccounts: true }, expireAccounts);
    expect(expired).toEqual(['a']);
    expect(await ask(ledger, { allAccounts: true }, expireAccounts)).toEqual([]);
    expect(codeOf(await tryPlace(ledger, { account: 'a', task: '1' }))).toBe('ACCOUNT_EXPIRED');
    const { account } = await figuresOf(ledger, 'a');
    await update('a', { endS: account.endS + 2 * 86_400 });
    expect((await figuresOf(ledger, 'a')).account.status).toBe('active');
    await place(ledger, { account: 'a', task: '1' });
  });

  it('is known to SLURM by the names given last, and its own', async () => {
    const { create, update, ledger } = await books();
    await create('a', { slurmNames: ['a1', 'a2'] });
    await create('b');
    expect(codeOf(await update('a', { slurmNames: ['b'] }))).toBe('DUPLICATE_ACCOUNT');
    await update('a', { slurmNames: ['a2', 'a3'] });
    const { slurmNames } = await figuresOf(ledger, 'a');
    expect(slurmNames.map(({ name }) => name)).toEqual(['a', 'a2', 'a3']);
    expect(codeOf(await create('a1'))).toBeUndefined();
  });

  it('gets deposits within the bounds', async () => {
    const { create, ledger } = await books();
    await create('a');
    async function give(dollars: string) {
      return await ask(ledger, { accounts: ['a'] }, (view) =>
        deposit(view, { name: 'a', amount: usd(dollars), bounds: BOUNDS }),
      );
    }
    expect([codeOf(await give('0')), codeOf(await give('4900.01'))]).toEqual([
      'VALIDATION_ERROR',
      'VALIDATION_ERROR',
    ]);
    await give('4900');
    expect(await sumsOf(ledger, 'a')).toBe('5000 0 0 5000');
  });
});

describe('the limit of a partition', () => {
  it('counts what is there, is not lowered below it unless forced, and can go', async () => {
    const { create, ledger } = await books();
    await create('a');
    await place(ledger, { account: 'a', task: '50' });
    async function limit(dollars: string, force = false) {
      return await ask(ledger, { accounts: ['a'] }, (view) =>
        setPartitionLimit(view, { name: 'a', partition: 'aws', limit: usd(dollars), force }),
      );
    }
    await limit('60');
    expect(codeOf(await tryPlace(ledger, { account: 'a', task: '11' }))).toBe(
      'PARTITION_LIMIT_EXCEEDED',
    );
    expect(codeOf(await limit('49'))).toBe('IN_USE');
    await limit('49', true);
    expect(codeOf(await tryPlace(ledger, { account: 'a', task: '0.01' }))).toBe(
      'PARTITION_LIMIT_EXCEEDED',
    );
    async function remove() {
      return await ask(ledger, { accounts: ['a'] }, (view) =>
        removePartitionLimit(view, { name: 'a', partition: 'aws' }),
      );
    }
    expect([codeOf(await remove()), codeOf(await remove())]).toEqual([undefined, 'NOT_FOUND']);
    await place(ledger, { account: 'a', task: '11' });
  });

  it('is for a partition by a name', async () => {
    const { create, ledger } = await books();
    await create('a');
    const answer = await ask(ledger, { accounts: ['a'] }, (view) =>
      setPartitionLimit(view, { name: 'a', partition: 'a,b', limit: usd('1'), force: false }),
    );
    expect(codeOf(answer)).toBe('VALIDATION_ERROR');
  });
});

describe('the end of an account', () => {
  it('waits for its holds and its children', async () => {
    const { create, remove, ledger } = await books();
    await create('p');
    await create('a', { parentName: 'p' });
    expect(await remove('p')).toMatchObject({ code: 'IN_USE', text: expect.stringContaining('a') });
    const token = await place(ledger, { account: 'a', task: '1' });
    expect(codeOf(await remove('a', true))).toBe('IN_USE');
    await tryCharge(ledger, token, '1');
    expect(await remove('a')).toMatchObject({ outcome: 'inactive' });
    expect(await remove('a')).toMatchObject({ outcome: 'inactive' });
    expect(codeOf(await remove('none'))).toBe('NOT_FOUND');
  });

  it('erases it only when no money ever moved', async () => {
    const { ledger } = await temporaryLedger();
    await seedAccount(ledger, { name: 'empty', deposit: '0' });
    const answer = await ask(ledger, { accounts: ['empty'] }, (view) =>
      deleteAccount(view, { name: 'empty', force: false }),
    );
    expect(answer).toMatchObject({ outcome: 'erased' });
    expect((await ledger.read({ accounts: ['empty'] })).accounts).toEqual([]);
  });

  it('by force is for good: the rest is given back, the SLURM names are free', async () => {
    const { create, remove, ledger } = await books();
    await create('a', { slurmNames: ['a1'] });
    const token = await place(ledger, { account: 'a', task: '30' });
    await tryCharge(ledger, token, '30');
    expect(await remove('a', true)).toMatchObject({ outcome: 'closed' });
    expect(await sumsOf(ledger, 'a')).toBe('30 30 0 0');
    expect(codeOf(await create('b', { slurmNames: ['a1'] }))).toBeUndefined();
    const late = await tryCharge(ledger, token, '31', { amend: true });
    expect(isRefused(late)).toBe(false);
    expect(await sumsOf(ledger, 'a')).toBe('30 31 0 -1');
    const more = await ask(ledger, { accounts: ['a'] }, (view) =>
      deposit(view, { name: 'a', amount: usd('1'), bounds: BOUNDS }),
    );
    expect(codeOf(more)).toBe('ACCOUNT_INACTIVE');
  });
});
