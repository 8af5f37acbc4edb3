import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRefused } from '../../src/core/errors.ts';
import { bindHold } from '../../src/core/ledger/bind-hold.ts';
import { releaseHold } from '../../src/core/ledger/end-hold.ts';
import { answerLine } from '../../src/core/policy/hook-answer.ts';
import { seedAccount } from '../support/ledger.ts';
import { type HotSite, hotSite, NO_VAL, nextName, submitted, updated } from './hot-site.ts';

const SUBMITTED_S = 1_795_262_000;

async function site() {
  const made = await hotSite();
  await seedAccount(made.books.ledger, { name: 'physics', deposit: '100', limits: { big: '20' } });
  await seedAccount(made.books.ledger, { name: 'chemistry', deposit: '5' });
  return made;
}

/** Submits a job and gives the admin_comment that slurmctld then has. */
async function job({ ask }: HotSite, more: Record<string, unknown> = {}): Promise<string> {
  const answer = await ask(submitted(more));
  if (isRefused(answer)) {
    throw new Error(answer.text);
  }
  return `other text asbb:hold=${answer.token}`;
}

async function amounts({ holds }: HotSite): Promise<readonly string[]> {
  return (await holds()).map(({ partition, tasks, amount }) => `${partition} ${tasks} ${amount}`);
}

const OK = { kind: 'admitted' };

describe('an update', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['a longer limit', { time_limit: 120 }, 'aws 1 2000000'],
    ['a shorter one: nothing now', { time_limit: 30 }, 'aws 1 1000000'],
    ['more nodes', { min_nodes: 3 }, 'aws 1 3000000'],
    ['more tasks than a node has CPUs', { num_tasks: 40 }, 'aws 1 3000000'],
    ['more memory a CPU', { num_tasks: 16, min_mem_per_cpu: 2000 }, 'aws 1 2000000'],
    ['exclusive: a node is paid whole anyway', { shared: 0 }, 'aws 1 1000000'],
    ['out of AWS: nothing now', { partition: 'static' }, 'aws 1 1000000'],
    ['hold and release: nothing', {}, 'aws 1 1000000'],
    ['UNLIMITED: the partition’s maximum', { time_limit: 4_294_967_295 }, 'aws 1 48000000'],
  ])('re-prices: %s', async (_, more, after) => {
    const made = await site();
    const comment = await job(made);
    const parts = { aws: { max_time: 2880, default_time: NO_VAL } };
    const request = updated({ admin_comment: comment }, { parts, ...more });
    expect(await made.ask(request)).toEqual(OK);
    expect(await amounts(made)).toEqual([after]);
  });

  it('adds up: what an earlier update made of the job is the base of the next', async () => {
    const made = await site();
    const comment = await job(made, { num_tasks: 40 });
    await made.ask(updated({ admin_comment: comment }, { time_limit: 120 }));
    expect(await amounts(made)).toEqual(['aws 1 6000000']);
    const later = { admin_comment: comment, time_limit: 120, min_nodes: 3 };
    await made.ask(updated(later, { min_nodes: 5 }));
    expect(await amounts(made)).toEqual(['aws 1 10000000']);
  });

  it('that nobody can pay is refused, and the hold stays', async () => {
    const made = await site();
    const comment = await job(made);
    const answer = await made.ask(
      updated({ admin_comment: comment }, { min_nodes: 50, time_limit: 180 }),
    );
    expect(answerLine(answer)).toContain('asbb1 no policy asbb: this job needs up to $149.00');
    expect(await amounts(made)).toEqual(['aws 1 1000000']);
  });

  it('that no node can serve is refused', async () => {
    const made = await site();
    const comment = await job(made);
    expect(await made.ask(updated({ admin_comment: comment }, { min_nodes: 51 }))).toMatchObject({
      code: 'NODE_COUNT',
    });
  });

  it('to another partition moves the hold, with the price there and its limit', async () => {
    const made = await site();
    const comment = await job(made);
    const parts = { big: { max_time: 2880 } };
    await made.ask(updated({ admin_comment: comment }, { partition: 'big', parts }));
    expect(await amounts(made)).toEqual(['big 1 3000000']);
    const request = updated(
      { admin_comment: comment, partition: 'big' },
      { time_limit: 600, parts },
    );
    expect(await made.ask(request)).toMatchObject({ code: 'PARTITION_LIMIT_EXCEEDED' });
  });

  it('to another account moves the hold there, or is refused there', async () => {
    const made = await site();
    const comment = await job(made);
    async function free(name: string) {
      const { accounts } = await made.books.ledger.read({ accounts: [name] });
      return String(accounts[0]?.budgets[0]?.free);
    }
    await made.ask(updated({ admin_comment: comment }, { account: 'chemistry' }));
    expect([await free('physics'), await free('chemistry')]).toEqual(['100000000', '4000000']);
    const request = updated({ admin_comment: comment, account: 'chemistry' }, { time_limit: 600 });
    expect(await made.ask(request)).toMatchObject({ code: 'INSUFFICIENT_BUDGET' });
    expect(await made.ask(updated({ admin_comment: comment }, { account: 'astro' }))).toMatchObject(
      { code: 'NOT_FOUND' },
    );
  });

  it('asked again under its name changes nothing twice', async () => {
    const made = await site();
    const comment = await job(made);
    const name = nextName();
    const request = updated({ admin_comment: comment }, { time_limit: 120 });
    await made.ask(request, name);
    await made.ask(request, name);
    expect(await amounts(made)).toEqual(['aws 1 2000000']);
  });

  it('finds the hold by the job id when the token is gone, and notes that', async () => {
    const made = await site();
    const comment = await job(made);
    const [hold] = await made.holds();
    const run = { jobId: 100, arrayTask: -1, submitS: SUBMITTED_S, restart: 0 };
    const token = hold?.token ?? '';
    await made.books.ledger.decide(
      { scope: 'hpc1', verb: 'bind', args: { token } },
      { holds: { tokens: [token], jobIds: [100] } },
      (view) => bindHold(view, { token, run, expiresS: view.nowS + 9000 }),
    );
    await made.ask(updated({ admin_comment: comment }, { admin_comment: 'x', time_limit: 120 }));
    await made.ask(updated({ admin_comment: 'x', time_limit: 120 }, { time_limit: 180 }));
    expect(await amounts(made)).toEqual(['aws 1 3000000']);
    const log = readFileSync(join(made.books.directory, 'asbb.log'), 'utf8');
    expect(log).toContain('"event":"token_dropped"');
  });
});

describe('a job without a hold', () => {
  it('moved to AWS gets one, bound to its id at once', async () => {
    const made = await site();
    const request = updated({ partition: 'static' }, { partition: 'aws', min_nodes: 2 });
    expect(answerLine(await made.ask(request))).toBe('asbb1 ok -');
    const [hold] = await made.holds();
    expect(hold).toMatchObject({ jobId: 100, arrayTask: -1, submitS: SUBMITTED_S, restart: 0 });
    expect(await amounts(made)).toEqual(['aws 1 2000000']);
  });

  it('is refused when nobody can pay, and as a whole array', async () => {
    const made = await site();
    const dear = updated(
      { partition: 'static' },
      { partition: 'aws', min_nodes: 50, time_limit: 180 },
    );
    expect(await made.ask(dear)).toMatchObject({ code: 'INSUFFICIENT_BUDGET' });
    const array = updated({ partition: 'static', array_job_id: 100 }, { partition: 'aws' });
    expect(await made.ask(array)).toMatchObject({ code: 'POLICY' });
    expect(await made.holds()).toEqual([]);
  });

  it('whose hold has ended waits for resume', async () => {
    const made = await site();
    const comment = await job(made);
    const token = comment.slice(-26);
    await made.books.ledger.decide(
      { scope: 'hpc1', key: `end:${token}`, verb: 'release', args: { token } },
      { holds: { tokens: [token], owners: true, charges: true } },
      (view) => releaseHold(view, { token }),
    );
    expect(await made.ask(updated({ admin_comment: comment }, { time_limit: 120 }))).toEqual(OK);
    expect(await made.holds()).toEqual([]);
  });
});

describe('an array', () => {
  it('as a whole raises what each of its tasks has', async () => {
    const made = await site();
    const comment = await job(made, { array_inx: '1-5' });
    const whole = { array_job_id: 100, admin_comment: comment };
    await made.ask(updated(whole, { time_limit: 120 }));
    expect(await amounts(made)).toEqual(['aws 5 10000000']);
  });

  it('task by task: a task that gets dearer is split off', async () => {
    const made = await site();
    const comment = await job(made, { array_inx: '1-5' });
    const task = { array_job_id: 100, array_task_id: 3, job_id: 103, admin_comment: comment };
    await made.ask(updated(task, { time_limit: 120 }));
    expect(await amounts(made)).toEqual(['aws 4 4000000', 'aws 1 2000000']);
    const [, child] = await made.holds();
    expect(child).toMatchObject({ jobId: 100, arrayTask: 3, submitS: SUBMITTED_S });
    await made.ask(updated({ ...task, time_limit: 120 }, { time_limit: 180 }));
    expect(await amounts(made)).toEqual(['aws 4 4000000', 'aws 1 3000000']);
    await made.ask(updated({ ...task, array_task_id: 4 }, { time_limit: 30 }));
    expect(await amounts(made)).toEqual(['aws 4 4000000', 'aws 1 3000000']);
  });
});
