import { describe, expect, it } from 'vitest';
import { isRefused } from '../../../src/core/errors.ts';
import { bindHold, touchHolds } from '../../../src/core/ledger/bind-hold.ts';
import { expireHold, releaseHold } from '../../../src/core/ledger/end-hold.ts';
import { extendHold } from '../../../src/core/ledger/extend-hold.ts';
import { moveHold } from '../../../src/core/ledger/move-hold.ts';
import { splitHold } from '../../../src/core/ledger/split-hold.ts';
import { seedAccount, temporaryLedger, usd } from '../../support/ledger.ts';
import {
  ask,
  askKeyless,
  codeOf,
  holdOf,
  place,
  sumsOf,
  tryCharge,
  tryPlace,
} from '../../support/policy.ts';

async function books() {
  const temporary = await temporaryLedger();
  await seedAccount(temporary.ledger, { name: 'ml-7', limits: { gpu: '300' } });
  return temporary;
}

type Books = Awaited<ReturnType<typeof books>>['ledger'];

function release(ledger: Books, token: string) {
  return askKeyless(ledger, { holds: { tokens: [token] } }, (view) => releaseHold(view, { token }));
}

describe('what a job cost', () => {
  it('follows budget.md 4.3 step by step', async () => {
    const { ledger } = await books();
    const a = await place(ledger, { account: 'ml-7', task: '100' });
    const b = await place(ledger, { account: 'ml-7', task: '200' });
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 0 300 700');
    expect(await tryCharge(ledger, a, '130')).toMatchObject({
      originalHold: '100000000',
      actualCharge: '130000000',
      refund: '0',
      additional: '30000000',
      alreadyReconciled: false,
    });
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 130 200 670');
    expect(await tryCharge(ledger, a, '130')).toMatchObject({
      actualCharge: '130000000',
      additional: '30000000',
      alreadyReconciled: true,
    });
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 130 200 670');
    const other = await tryCharge(ledger, a, '141.25');
    expect(other).toMatchObject({
      code: 'ALREADY_RECONCILED',
      advice: 'Charged: $130.00, requested: $141.25; use --amend to correct it',
    });
    await tryCharge(ledger, a, '141.25', { amend: true });
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 141.25 200 658.75');
    await release(ledger, b);
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 141.25 0 858.75');
    expect(await tryCharge(ledger, b, '12.5')).toMatchObject({
      state: 'released',
      refund: '0',
      additional: '12500000',
    });
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 153.75 0 846.25');
    expect(codeOf(await tryCharge(ledger, b, '13'))).toBe('ALREADY_RECONCILED');
  });

  it('gives back what was not used: 100 held, 60 used, 940 left', async () => {
    const { ledger } = await books();
    const token = await place(ledger, { account: 'ml-7', task: '100' });
    expect(await tryCharge(ledger, token, '60')).toMatchObject({ refund: '40000000' });
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 60 0 940');
  });

  it('is booked even where there is no money, and marked then', async () => {
    const { ledger, raw } = await books();
    const [a, b] = [
      await place(ledger, { account: 'ml-7', task: '400' }),
      await place(ledger, { account: 'ml-7', task: '100' }),
    ];
    await tryCharge(ledger, a, '899');
    await tryCharge(ledger, b, '102');
    await tryCharge(ledger, b, '103', { amend: true });
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 1002 0 -2');
    await tryCharge(ledger, b, '50', { amend: true });
    const marks = raw()
      .prepare("SELECT kind||over FROM txn WHERE kind IN('charge','adjust') ORDER BY seq")
      .pluck()
      .all();
    expect(marks).toEqual(['charge0', 'charge1', 'adjust1', 'adjust0']);
  });

  it('may be nothing', async () => {
    const { ledger } = await books();
    const token = await place(ledger, { account: 'ml-7', task: '0' });
    expect(await tryCharge(ledger, token, '0')).toMatchObject({ state: 'charged' });
    expect(await tryCharge(ledger, token, '0', { amend: true })).toMatchObject({
      alreadyReconciled: true,
    });
  });

  it('goes where it arose', async () => {
    const { ledger } = await books();
    const token = await place(ledger, { account: 'ml-7', task: '100' });
    await tryCharge(ledger, token, '60', { partition: 'gpu' });
    expect(
      codeOf(await tryPlace(ledger, { account: 'ml-7', task: '241', partitions: ['gpu'] })),
    ).toBe('PARTITION_LIMIT_EXCEEDED');
  });
});

describe('a hold that is given back', () => {
  it('is so once, whoever asks', async () => {
    const { ledger } = await books();
    const token = await place(ledger, { account: 'ml-7', task: '100' });
    expect(await release(ledger, token)).toMatchObject({ state: 'released' });
    expect(await release(ledger, token)).toMatchObject({ state: 'released' });
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 0 0 1000');
  });

  it('is kept when its job has begun another run since', async () => {
    const { ledger } = await books();
    const run = { jobId: 5, arrayTask: -1, submitS: 1000, restart: 0 };
    const token = await place(ledger, { account: 'ml-7', task: '100', run });
    const onlyRun = { ...run, restart: 1 };
    const kept = await askKeyless(ledger, { holds: { tokens: [token] } }, (view) =>
      releaseHold(view, { token, onlyRun }),
    );
    expect(kept).toMatchObject({ state: 'open' });
  });

  it('is not, once it was charged', async () => {
    const { ledger } = await books();
    const token = await place(ledger, { account: 'ml-7', task: '100' });
    await tryCharge(ledger, token, '1');
    expect(codeOf(await release(ledger, token))).toBe('ALREADY_RECONCILED');
  });

  it('expires only after its time, and only unbound', async () => {
    const { ledger, clock } = await books();
    const token = await place(ledger, { account: 'ml-7', task: '100' });
    const bound = await place(ledger, {
      account: 'ml-7',
      task: '100',
      run: { jobId: 5, arrayTask: -1, submitS: 1000, restart: 0 },
    });
    async function expire(of: string) {
      const answer = await askKeyless(ledger, { holds: { tokens: [of] } }, (view) =>
        expireHold(view, { token: of }),
      );
      return isRefused(answer) ? answer.code : answer.state;
    }
    expect(await expire(token)).toBe('open');
    clock.forward(601);
    expect([await expire(token), await expire(token), await expire(bound)]).toEqual([
      'expired',
      'expired',
      'open',
    ]);
  });
});

describe('an array', () => {
  async function split(ledger: Books, token: string, tasks: readonly number[]) {
    return await askKeyless(ledger, { holds: { tokens: [token], children: true } }, (view) =>
      splitHold(view, {
        token,
        tasks: tasks.map((arrayTask) => ({
          arrayTask,
          jobId: 40,
          submitS: 1000,
          expiresS: view.nowS + 60,
        })),
      }),
    );
  }

  it('is split exactly, task by task, each once', async () => {
    const { ledger } = await books();
    const token = await place(ledger, { account: 'ml-7', task: '3.333333', tasks: 5 });
    expect(await split(ledger, token, [0, 3])).toMatchObject({ tasksLeft: 3 });
    expect(await split(ledger, token, [3, 4])).toMatchObject({
      tasksLeft: 2,
      tasks: [{ token: `${token}.3` }, { token: `${token}.4`, amount: '3333333' }],
    });
    expect(await holdOf(ledger, token)).toMatchObject({
      state: 'open',
      tasks: 2,
      amount: usd('6.666666'),
    });
    expect(await holdOf(ledger, `${token}.3`)).toMatchObject({ jobId: 40, arrayTask: 3, tasks: 1 });
    expect(codeOf(await split(ledger, token, [5, 6, 7]))).toBe('ALREADY_RECONCILED');
    expect(codeOf(await tryCharge(ledger, token, '1'))).toBe('VALIDATION_ERROR');
    await tryCharge(ledger, `${token}.0`, '5');
    await release(ledger, token);
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 5 6.666666 988.333334');
  });

  it('is over with its last task, and then has nothing', async () => {
    const { ledger } = await books();
    const token = await place(ledger, { account: 'ml-7', task: '1', tasks: 2 });
    await split(ledger, token, [1, 2]);
    expect(await holdOf(ledger, token)).toMatchObject({ state: 'split', tasks: 0 });
    expect(await release(ledger, token)).toMatchObject({ state: 'split' });
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 0 2 998');
  });

  it('of 1200 tasks is split in parts', async () => {
    const { ledger } = await books();
    const token = await place(ledger, { account: 'ml-7', task: '0.5', tasks: 1200 });
    const all = Array.from({ length: 1200 }, (_, at) => at);
    await expect(split(ledger, token, all)).rejects.toThrow('500 tasks');
    await split(ledger, token, all.slice(0, 500));
    await split(ledger, token, all.slice(500, 1000));
    expect(await split(ledger, token, all.slice(1000))).toMatchObject({ tasksLeft: 0 });
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 0 600 400');
  });
});

describe('a hold and its job', () => {
  const Run = { jobId: 7, arrayTask: -1, submitS: 1000, restart: 0 };

  async function bind(ledger: Books, token: string, run = Run, expiresS = 2_000_000_000) {
    return await askKeyless(ledger, { holds: { tokens: [token], jobIds: [run.jobId] } }, (view) =>
      bindHold(view, { token, run, expiresS }),
    );
  }

  it('are tied once, and again after a requeue', async () => {
    const { ledger } = await books();
    const token = await place(ledger, { account: 'ml-7', task: '1' });
    await bind(ledger, token);
    await bind(ledger, token);
    expect(await holdOf(ledger, token)).toMatchObject({ ...Run, expiresS: 2_000_000_000 });
    await bind(ledger, token, { ...Run, submitS: 1200, restart: 1 });
    expect(await holdOf(ledger, token)).toMatchObject({ submitS: 1200, restart: 1 });
  });

  it('are not tied to another job, another hold, or after the end', async () => {
    const { ledger } = await books();
    const [a, b, c] = [
      await place(ledger, { account: 'ml-7', task: '1' }),
      await place(ledger, { account: 'ml-7', task: '1' }),
      await place(ledger, { account: 'ml-7', task: '1' }),
    ];
    await bind(ledger, a);
    expect(codeOf(await bind(ledger, a, { ...Run, jobId: 8 }))).toBe('IN_USE');
    expect(codeOf(await bind(ledger, b))).toBe('IN_USE');
    await release(ledger, c);
    expect(codeOf(await bind(ledger, c, { ...Run, jobId: 9 }))).toBe('ALREADY_RECONCILED');
    await tryCharge(ledger, a, '1');
    expect(await bind(ledger, a)).toMatchObject({ state: 'charged' });
    expect(codeOf(await bind(ledger, b))).toBe('IN_USE');
    expect(codeOf(await bind(ledger, 'none'))).toBe('NOT_FOUND');
  });

  it('stay together while the job is seen, without a row each minute', async () => {
    const { ledger } = await books();
    const token = await place(ledger, { account: 'ml-7', task: '1' });
    const { expiresS } = await holdOf(ledger, token);
    async function touch(until: number) {
      return await askKeyless(ledger, { holds: { tokens: [token] } }, (view) =>
        touchHolds(view, { expiresS: new Map([[token, until]]), slackS: 300 }),
      );
    }
    expect(await touch(expiresS + 300)).toBe(0);
    expect(await touch(expiresS - 1000)).toBe(0);
    expect(await touch(expiresS + 301)).toBe(1);
    expect(await holdOf(ledger, token)).toMatchObject({ expiresS: expiresS + 301 });
  });
});

describe('a job that changes', () => {
  async function extend(ledger: Books, token: string, task: string, allowNegative = false) {
    return await ask(ledger, { holds: { tokens: [token], owners: true } }, (view) =>
      extendHold(view, { token, taskAmount: usd(task), allowNegative }),
    );
  }

  it('gets more, or less, for every task', async () => {
    const { ledger } = await books();
    const token = await place(ledger, { account: 'ml-7', task: '10', tasks: 3 });
    await extend(ledger, token, '12.5');
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 0 37.5 962.5');
    await extend(ledger, token, '1');
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 0 3 997');
    expect(await extend(ledger, token, '1')).toMatchObject({ amount: '3000000' });
    expect(codeOf(await extend(ledger, token, '333.34'))).toBe('INSUFFICIENT_BUDGET');
    await extend(ledger, token, '334', true);
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 0 1002 -2');
  });

  it('goes to another partition, where there must be room until it runs there', async () => {
    const { ledger } = await books();
    const token = await place(ledger, { account: 'ml-7', task: '200' });
    async function move(partition: string, task: string, isFact = false) {
      return await ask(ledger, { holds: { tokens: [token], owners: true } }, (view) =>
        moveHold(view, { token, partition, taskAmount: usd(task), isFact }),
      );
    }
    expect(codeOf(await move('gpu', '300.01'))).toBe('PARTITION_LIMIT_EXCEEDED');
    await move('gpu', '300');
    expect(await holdOf(ledger, token)).toMatchObject({ partition: 'gpu', moves: 1 });
    await move('aws', '350');
    await move('gpu', '350', true);
    expect(await holdOf(ledger, token)).toMatchObject({ moves: 3, amount: usd('350') });
    expect(await sumsOf(ledger, 'ml-7')).toBe('1000 0 350 650');
  });

  it('goes to another account with what it costs now, which its common ancestors hold already', async () => {
    const { ledger } = await temporaryLedger();
    await seedAccount(ledger, { name: 'dept', deposit: '100' });
    await seedAccount(ledger, { name: 'a', deposit: '90', parent: 'dept' });
    await seedAccount(ledger, { name: 'b', deposit: '95', parent: 'dept' });
    const token = await place(ledger, { account: 'a', task: '80' });
    async function move(slurmAccount: string, task?: string) {
      const query = { payer: { slurmAccount }, holds: { tokens: [token], owners: true } };
      return await askKeyless(ledger, query, (view) =>
        moveHold(view, {
          token,
          slurmAccount,
          taskAmount: task === undefined ? undefined : usd(task),
        }),
      );
    }
    await move('b');
    expect([await sumsOf(ledger, 'a'), await sumsOf(ledger, 'b')]).toEqual([
      '90 0 0 90',
      '95 0 80 15',
    ]);
    expect(await sumsOf(ledger, 'dept')).toBe('100 0 80 20');
    expect(codeOf(await move('a', '90.000001'))).toBe('INSUFFICIENT_BUDGET');
    await move('a', '90');
    expect(await sumsOf(ledger, 'dept')).toBe('100 0 90 10');
    expect(codeOf(await move('nobody'))).toBe('NOT_FOUND');
  });
});
