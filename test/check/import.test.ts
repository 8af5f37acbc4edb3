import { chmodSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SqliteReports } from '../../src/adapters/sqlite/sqlite-reports.ts';
import { DirectoryCostInbox } from '../../src/adapters/system/directory-cost-inbox.ts';
import { Sha256Hash } from '../../src/adapters/system/sha256-hash.ts';
import { importCosts } from '../../src/flows/steps/import-costs.ts';
import { seedAccount, temporaryLedger } from '../support/ledger.ts';
import { place, tryCharge } from '../support/policy.ts';
import { exampleSettings } from '../support/settings.ts';

const NOON = 1_795_262_400;
const HOUR = 3600;
const RUN = { jobId: 1, arrayTask: -1, submitS: NOON + 10, restart: 0 };

async function site(changes: Record<string, unknown> = {}) {
  const books = await temporaryLedger();
  await seedAccount(books.ledger, { name: 'ml-7' });
  const folder = join(books.directory, 'costs');
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  const logged: string[] = [];
  const log = {
    write: (_level: string, event: string, fields: object) => {
      logged.push(`${event} ${'msg' in fields ? String(fields.msg) : ''}`);
    },
  };
  const inbox = new DirectoryCostInbox({
    directories: [folder],
    slurmUser: userInfo().username,
    hash: new Sha256Hash(),
    log,
  });
  const ports = {
    ledger: books.ledger,
    reports: new SqliteReports({ place: books.place, clusterName: 'hpc1' }),
    settings: exampleSettings({ site: { timezone: 'UTC' }, ...changes }),
    clock: { nowUs: () => books.clock.nowUs(), monotonicMs: () => 0 },
    log,
  };
  return {
    ...{ books, logged, folder },
    /** Written by another program `ageS` ago. */
    file: (job: string, content: unknown, ageS = 0) => {
      const path = join(folder, `job_${job}_cost.json`);
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content), {
        mode: 0o644,
      });
      const then = books.clock.nowUs() / 1_000_000 - ageS;
      utimesSync(path, then, then);
    },
    run: async () => {
      const { imported, waiting, failed } = await importCosts(inbox, ports);
      return `${imported} ${waiting} ${failed}`;
    },
    files: (under = '') => {
      try {
        return readdirSync(join(folder, under)).filter((name) => name.endsWith('.json'));
      } catch {
        return [];
      }
    },
    state: async (token: string) => {
      const { holds, charges } = await books.ledger.read({
        holds: { tokens: [token], charges: true },
      });
      const own = charges.filter(({ holdId }) => holdId === holds[0]?.holdId);
      return `${holds[0]?.state} ${own.map(({ amount }) => String(amount)).join()}`;
    },
  };
}

const COST = { account: 'ml-7', job_state: 'COMPLETED' };

it('a cost that comes after the job was settled corrects it, once for its content', async () => {
  const { books, file, files, run, state } = await site();
  const token = await place(books.ledger, { account: 'ml-7', task: '12', run: RUN });
  await tryCharge(books.ledger, token, '6.40'); // the time was priced
  const real = { ...COST, job_id: '1', actual_cost: 7.500_000_000_000_001 };
  file('1', real);
  expect(await run()).toBe('1 0 0');
  expect(await state(token)).toBe('charged 7500000');
  expect([files(), files('processed')]).toEqual([[], ['job_1_cost.json']]);
  file('1', { ...real, actual_cost: 8 });
  expect(await run()).toBe('1 0 0');
  expect(await state(token)).toBe('charged 8000000');
  file('1', real); // what is known is not taken in again
  expect(await run()).toBe('1 0 0');
  expect(await state(token)).toBe('charged 8000000');
  expect(await run()).toBe('0 0 0');
});

it('a released hold is charged late', async () => {
  const { books, file, run, state } = await site();
  const token = await place(books.ledger, { account: 'ml-7', task: '12', run: RUN });
  books.raw(); // a connection that only looks, beside it
  const { releaseHold } = await import('../../src/core/ledger/end-hold.ts');
  await books.ledger.decide(
    { scope: 'hpc1', verb: 'release', args: {} },
    { holds: { tokens: [token], owners: true } },
    (view) => releaseHold(view, { token, cause: 'manual' }),
  );
  file('1', { ...COST, job_id: 1, actual_cost: 2.5 });
  expect(await run()).toBe('1 0 0');
  expect(await state(token)).toBe('released 2500000');
});

it('the hold of a job that may still run is left to recover, unless the cost names it', async () => {
  const { books, file, files, run, state } = await site();
  const token = await place(books.ledger, { account: 'ml-7', task: '12', run: RUN });
  file('1', { ...COST, job_id: 1, actual_cost: 2.5 }, 5 * HOUR);
  expect(await run()).toBe('0 1 0');
  file('1', { ...COST, job_id: 1, actual_cost: 2.5, budget_transaction_id: `txn_${token}` });
  expect(await run()).toBe('1 0 0');
  expect(await state(token)).toBe('charged 2500000');
  expect(files()).toEqual([]);
});

it('where recovery does not run by itself, a cost ends the hold of a job that is over', async () => {
  const { books, file, run, state } = await site({ budget: { auto_recovery_enabled: false } });
  const token = await place(books.ledger, { account: 'ml-7', task: '12', run: RUN });
  const other = { ...RUN, jobId: 2 };
  const running = await place(books.ledger, { account: 'ml-7', task: '12', run: other });
  file('1', { account: 'ml-7', success: false, job_id: 1, actual_cost: 2.5 });
  file('2', { account: 'ml-7', job_state: 'RUNNING', job_id: 2, actual_cost: 2.5 });
  expect(await run()).toBe('1 1 0');
  expect(await state(token)).toBe('charged 2500000');
  expect(await state(running)).toBe('open ');
});

it('what is half written or not known yet waits; then it is filed as failed, and logged', async () => {
  const { books, file, files, run, logged } = await site();
  file('1', '{"job_id":"1","actual_');
  file('2', { ...COST, job_id: 2, actual_cost: 1 });
  expect(await run()).toBe('0 2 0');
  books.clock.forward(61);
  expect(await run()).toBe('0 1 1');
  expect([files(), files('failed')]).toEqual([['job_2_cost.json'], ['job_1_cost.json']]);
  books.clock.forward(3 * HOUR);
  expect(await run()).toBe('0 0 1');
  expect(files('failed')).toEqual(['job_1_cost.json', 'job_2_cost.json']);
  expect(logged).toEqual(['cost_file_failed not JSON', 'cost_file_failed job 2 has no hold']);
});

it('a cost on another account is not believed', async () => {
  const { books, file, files, run, state, logged } = await site();
  const token = await place(books.ledger, { account: 'ml-7', task: '12', run: RUN });
  await tryCharge(books.ledger, token, '6.40');
  file('1', { ...COST, account: 'ml-8', job_id: 1, actual_cost: 1 });
  expect(await run()).toBe('0 0 1');
  expect(files('failed')).toEqual(['job_1_cost.json']);
  expect(logged).toEqual(['cost_file_failed account ml-8 does not pay 1']);
  expect(await state(token)).toBe('charged 6400000');
});

it('each run of a requeued job has its own charge; our own files are left alone', async () => {
  const { books, file, files, run, state } = await site();
  const first = await place(books.ledger, { account: 'ml-7', task: '12', run: RUN });
  await tryCharge(books.ledger, first, '1');
  const again = { ...RUN, restart: 1, submitS: RUN.submitS + 600 };
  const second = await place(books.ledger, { account: 'ml-7', task: '12', run: again });
  await tryCharge(books.ledger, second, '1');
  const [at, later] = [RUN, again].map(({ submitS }) => new Date(submitS * 1000).toISOString());
  const earlier = { ...COST, job_id: 1, submitted_at: at, actual_cost: 3 };
  file('1', { ...COST, job_id: 1, submitted_at: later, actual_cost: 4, runs: [earlier] });
  file('5', { ...COST, schema: 'asbb.cost/1', job_id: 5, actual_cost: 4 }, 9 * HOUR);
  expect(await run()).toBe('1 0 0');
  expect(await state(first)).toBe('charged 3000000');
  expect(await state(second)).toBe('charged 4000000');
  expect([files(), files('processed')]).toEqual([['job_5_cost.json'], ['job_1_cost.json']]);
});
