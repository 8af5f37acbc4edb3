import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRefused } from '../../src/core/errors.ts';
import { toDecimal } from '../../src/core/money/money.ts';
import { answerLine } from '../../src/core/policy/hook-answer.ts';
import { parseJobRequest } from '../../src/core/slurm/job-request.ts';
import { submit } from '../../src/flows/submit.ts';
import { seedAccount } from '../support/ledger.ts';
import { hotSite, NO_VAL, nextName, submitted } from './hot-site.ts';

async function site(changes: Record<string, unknown> = {}, deposit = '100') {
  const made = await hotSite(changes);
  await seedAccount(made.books.ledger, { name: 'physics', deposit, limits: { big: '5' } });
  return made;
}

describe('a submission', () => {
  it('SL-5, SL-6: gets a hold, unbound and short-lived, and its token of 26 characters', async () => {
    const { ask, holds, books } = await site();
    const answer = await ask(submitted({ min_nodes: 2 }));
    const [hold] = await holds();
    expect(answer).toEqual({ kind: 'admitted', token: hold?.token });
    expect(answerLine(answer)).toMatch(/^asbb1 ok [0-9a-z]{26}$/u);
    expect(hold).toMatchObject({ tasks: 1, partition: 'aws', userName: 'alice', state: 'open' });
    expect(hold?.jobId).toBeUndefined();
    expect(hold === undefined ? '' : toDecimal(hold.amount)).toBe('2');
    expect((hold?.expiresS ?? 0) - books.clock.nowUs() / 1e6).toBe(600);
    expect(JSON.parse(hold?.pricing ?? '')).toMatchObject({ v: 1, nodes: 2, limit_s: 3600 });
  });

  it('asked again under its name gets the same answer and no second hold', async () => {
    const { ask, holds } = await site();
    const name = nextName();
    const first = await ask(submitted(), name);
    expect(await ask(submitted(), name)).toEqual(first);
    expect(await holds()).toHaveLength(1);
  });

  it('of another content under that name is refused', async () => {
    const { ask } = await site();
    const name = nextName();
    await ask(submitted(), name);
    expect(await ask(submitted({ time_limit: 61 }), name)).toMatchObject({ code: 'KEY_REUSED' });
  });

  it('T3: for an account that is not theirs is refused, and journalled', async () => {
    const { ask, holds, ports, books } = await site();
    ports.associations.keep([{ account: 'chem', user: 'alice' }]);
    const answer = await ask(submitted());
    expect(answerLine(answer)).toBe(
      'asbb1 no account asbb: user alice may not charge account physics; ask for membership, or name another account with -A [UNAUTHORIZED]',
    );
    expect(await holds()).toEqual([]);
    const db = books.raw();
    const rows = db.prepare("SELECT body FROM journal WHERE verb = 'submit'").pluck().all();
    db.close();
    expect(rows).toEqual([expect.stringContaining('UNAUTHORIZED')]);
    ports.associations.keep([{ account: 'physics', user: 'alice' }]);
    expect(answerLine(await ask(submitted()))).toMatch(/^asbb1 ok /u);
  });

  it('of an array gets one hold for all its tasks', async () => {
    const { ask, holds } = await site();
    await ask(submitted({ array_inx: '1-9:2,20%3' }));
    expect(await holds()).toMatchObject([{ tasks: 6, amount: 6_000_000n }]);
  });

  it('of a heterogeneous job gets one hold a component', async () => {
    const { ask, holds } = await site();
    await ask(submitted({ het_job_offset: 0 }));
    await ask(submitted({ het_job_offset: 1, min_nodes: 3 }));
    expect((await holds()).map(({ amount }) => amount)).toEqual([1_000_000n, 3_000_000n]);
  });

  it('for partitions of others needs none', async () => {
    const { ask, holds } = await site();
    expect(await ask(submitted({ partition: 'static' }))).toEqual({ kind: 'admitted' });
    expect(answerLine(await ask(submitted({ partition: '' })))).toBe('asbb1 ok -');
    expect(await holds()).toEqual([]);
  });

  it('uses the account that was named, else the default one', async () => {
    const { ask, books, holds } = await site();
    await seedAccount(books.ledger, { name: 'chemistry', deposit: '10' });
    await ask(submitted({ account: 'Chemistry' }));
    const [hold] = await holds();
    const { accounts } = await books.ledger.read({ accounts: ['chemistry'] });
    expect(accounts[0]?.budgets[0]?.budget.budgetId).toBe(hold?.budgetId);
  });
});

describe('a refusal', () => {
  it.each<[string, Record<string, unknown>, string]>([
    [
      'too little money',
      { min_nodes: 50, time_limit: 180 },
      'asbb1 no policy asbb: this job needs up to $150.00, account physics has $100.00 free ($100.00 granted, $0.00 spent, $0.00 held); ask its owner or shorten --time [INSUFFICIENT_BUDGET]',
    ],
    [
      'no room in the partition',
      { partition: 'big', min_nodes: 2, parts: { big: { max_time: 2880 } } },
      'asbb1 no policy asbb: this job needs up to $6.00, partition big of account physics has $5.00 free (limit $5.00, $0.00 spent, $0.00 held); use another partition, ask its owner or shorten --time [PARTITION_LIMIT_EXCEEDED]',
    ],
    [
      'no such account',
      { account: 'astro' },
      "asbb1 no account asbb: Budget account 'astro' not found; use --account with one that has a budget [NOT_FOUND]",
    ],
    [
      'no time limit anywhere',
      { time_limit: NO_VAL, parts: { aws: { max_time: 4_294_967_295, default_time: NO_VAL } } },
      'asbb1 no time asbb: this partition bills by time; give --time [TIME_LIMIT]',
    ],
    [
      'too many nodes',
      { min_nodes: 51 },
      'asbb1 no nodes asbb: this job needs 51 nodes, there are 50; ask for fewer [NODE_COUNT]',
    ],
    [
      'contradicting features',
      { features: 'efa-required&no-efa' },
      'asbb1 no policy asbb: constraint asks for both efa-required and no-efa; name one of them in --constraint [POLICY]',
    ],
    [
      'an array that the shim had to cut',
      { array_inx: `0${',2'.repeat(512)}` },
      'asbb1 no policy asbb: the text of --array is too long to be priced; shorten it [POLICY]',
    ],
    [
      'another cluster',
      { cluster: 'other' },
      'asbb1 no retry asbb: the budget service is unavailable; the job was not submitted, try again or tell the administrator [TRY_AGAIN]',
    ],
    [
      'a request of another shim',
      { v: 2 },
      'asbb1 no retry asbb: the request file cannot be read: v; install the job_submit.lua that asbb slurm conf --lua prints [VALIDATION_ERROR]',
    ],
  ])('says why: %s', async (_, more, line) => {
    const { ask, holds } = await site();
    expect(answerLine(await ask(submitted(more)))).toBe(line);
    expect(await holds()).toEqual([]);
  });

  it('bounds the open holds of one user; an array counts once', async () => {
    const { ask } = await site({ budget: { user_open_holds_max: 2 } });
    await ask(submitted({ array_inx: '1-5' }));
    await ask(submitted());
    expect(await ask(submitted())).toMatchObject({ code: 'FORBIDDEN' });
    expect(await ask(submitted({ user_name: 'bob' }))).toMatchObject({ kind: 'admitted' });
  });

  it('lets a job pass that the site lets overdraw', async () => {
    const { ask } = await site({ budget: { allow_negative_balance: true } }, '0.5');
    expect(await ask(submitted())).toMatchObject({ kind: 'admitted' });
  });
});

describe('without a ledger', () => {
  it('a closed partition refuses, an open one admits and leaves a line', async () => {
    const { ask, books, spooled } = await site();
    const other = books.raw();
    other.exec('BEGIN IMMEDIATE');
    const quick = await hotSite();
    const ports = { ...quick, books };
    const busy = books.open({ lockWaitMs: 20 });
    const closed = await askWith(ports, busy, submitted());
    expect(answerLine(closed)).toBe(
      'asbb1 no retry asbb: the budget ledger is busy; the job was not submitted, repeat in a minute [TRY_AGAIN]',
    );
    const open = await askWith(
      ports,
      busy,
      submitted({ partition: 'free', parts: { free: { max_time: 60 } } }),
    );
    expect(open).toEqual({ kind: 'admitted' });
    expect(quick.spooled()).toMatchObject([
      { account: 'physics', user: 'alice', partition: 'free' },
    ]);
    const mixed = submitted({ partition: 'free,aws', parts: {}, time_limit: 60 });
    expect(await askWith(ports, busy, mixed)).toMatchObject({ code: 'TRY_AGAIN' });
    other.exec('ROLLBACK');
    expect(spooled()).toEqual([]);
    expect(await ask(submitted())).toMatchObject({ kind: 'admitted' });
  });

  it('an unknown price is no price of 0', async () => {
    const { ask, holds } = await site({
      slurm: {
        partitions: [
          {
            partition_name: 'aws',
            node_groups: [
              {
                node_group_name: 'g',
                max_nodes: 4,
                purchasing_option: 'spot',
                launch_template_specification: { launch_template_name: 't' },
                launch_template_overrides: [{ instance_type: 'c5.large', spot_price: '0.01' }],
                subnet_ids: ['s'],
                slurm_specifications: { CPUs: '2' },
              },
            ],
          },
        ],
      },
    });
    expect(answerLine(await ask(submitted()))).toContain('asbb1 no retry asbb: the budget service');
    expect(await holds()).toEqual([]);
  });
});

it('logs what it did, with money in micro-dollars, and no answer elsewhere', async () => {
  const { ask, books } = await site();
  await ask(submitted());
  await ask(submitted({ account: 'astro' }));
  const lines = readFileSync(join(books.directory, 'asbb.log'), 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'info', event: 'hold_placed', account: 'physics', amount_micro: '1000000' },
    { level: 'info', event: 'submit_refused', code: 'NOT_FOUND', account: 'astro' },
  ]);
});

type Site = Awaited<ReturnType<typeof hotSite>>;

/** The same request, with a ledger of another connection. */
async function askWith(
  { ports }: Pick<Site, 'ports'>,
  ledger: Site['books']['ledger'],
  request: Record<string, unknown>,
) {
  const parsed = parseJobRequest(JSON.parse(JSON.stringify(request)));
  if (isRefused(parsed) || parsed.verb !== 'submit') {
    throw new Error('not a submission');
  }
  return await submit({ name: nextName(), request: parsed }, { ...ports, ledger });
}
