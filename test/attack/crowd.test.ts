import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { clockSite, type GrantSite } from '../reports/grant-site.ts';
import { submitRequest } from '../support/submit-request.ts';
import { SCALE } from '../support/worker.ts';
import { ACCOUNTS, ASTRAY, furnish, NEGATIVE } from './acts.ts';

// Everybody at once on one ledger: people with any commands, submit hooks, the run of the schedules. Some
// are killed. 64 people: ASBB_TEST_SCALE=11.

const PEOPLE = 6 * SCALE;
const HOOKS = 3 * SCALE;
const UNPAID = /^Note: schedule \d+ of \w+: the award cannot pay what is due\n/gm;

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly error: string;
}

function start(site: GrantSite, file: string, words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [resolve(file), ...words], {
    env: { PATH: process.env['PATH'] ?? '', ASBB_CONFIG: site.config },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function ended(child: ChildProcess): Promise<Ended> {
  const texts = { out: '', error: '' };
  child.stdout?.on('data', (chunk: Buffer) => {
    texts.out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    texts.error += chunk.toString();
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, ...texts };
}

function submit(site: GrantSite, at: number): ChildProcess {
  const name = `6a${at.toString(16).padStart(12, '0')}`;
  const account = ACCOUNTS[at % ACCOUNTS.length];
  const request = { ...submitRequest(1, account), cluster: 'hpc1' };
  const folder = join(site.root, 'state', 'submit');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, name), `${JSON.stringify(request)}\n`, { mode: 0o600 });
  return start(site, 'src/main.ts', ['hook', 'submit', name]);
}

it('the books verify whoever does what at the same time', async () => {
  const site = clockSite();
  try {
    site.goTo('2026-03-01');
    await site.ok('ledger', 'migrate');
    await furnish(site);
    site.goTo('2026-08-01'); // five dates of each schedule are due
    const people = Array.from({ length: PEOPLE }, (_, at) =>
      start(site, 'test/attack/mixed-worker.ts', [String(1000 + at), '6']),
    );
    const hooks = Array.from({ length: HOOKS }, (_, at) => submit(site, at));
    const runs = Array.from({ length: 2 }, () =>
      start(site, 'src/main.ts', ['allocations', 'process']),
    );
    const victims = people.filter((_, at) => at % 6 === 3);
    const results = Promise.all([people, hooks, runs].map((all) => Promise.all(all.map(ended))));
    for (const victim of victims) {
      await sleep(1200);
      victim.kill('SIGKILL');
    }
    const [worked = [], asked = [], ran = []] = await results;
    expect(worked.map(({ error }) => error).join('')).toBe('');
    const alive = worked.filter(({ signal }) => signal === null);
    expect(alive.map(({ code }) => code)).toEqual(alive.map(() => 0));
    expect(ran.map(({ code }) => code)).toEqual([0, 0]);
    // Who spends first leaves less for a schedule: the run may say that an award could not pay what was due.
    expect(ran.map(({ error }) => error.replaceAll(UNPAID, ''))).toEqual(['', '']);
    // Admitted exactly when a hold stands; a hook that was too late has refused.
    const admitted = asked.filter(({ code }) => code === 0);
    expect(asked.map(({ code }) => code)).toEqual(
      asked.map(() => expect.toBeOneOf([0, 3, 10, 75])),
    );
    const holds = site.raw("SELECT 1 FROM hold WHERE user_name='alice' AND parent_id IS NULL");
    expect(holds.length).toBeGreaterThanOrEqual(admitted.length);
    const verified = await site.asbb('ledger', 'verify');
    expect([verified.code, verified.stdout]).toEqual([0, expect.any(String)]);
    expect(site.raw(NEGATIVE)).toEqual([]);
    expect(site.raw(ASTRAY)).toEqual([]);
    const twice =
      'SELECT schedule_id FROM schedule_run GROUP BY schedule_id, due_day HAVING COUNT(*)>1';
    expect(site.raw(twice)).toEqual([]);
    await site.ok('account', 'verify');
  } finally {
    site.close();
  }
});
