import { afterEach, beforeEach, expect, it } from 'vitest';
import { PLAN_ALERTS } from '../../src/core/burst/plan/limits.ts';
import { FAILED } from '../../src/flows/steps/evaluate-alerts.ts';
import { noteFailures } from '../../src/flows/steps/note-failures.ts';
import type { CliSite } from '../support/cli.ts';
import { usd } from '../support/dollars.ts';
import { place, tryCharge } from '../support/policy.ts';
import { fundedSite } from './support/alert-site.ts';

const DAY = 86_400;

let site: CliSite;

beforeEach(async () => {
  site = await fundedSite();
});
afterEach(() => site.close());

async function maintain(): Promise<string> {
  const { steps } = (await site.json('maintain', '--only', 'alerts')) as {
    readonly steps: readonly { readonly text: string }[];
  };
  return steps.map(({ text }) => text).join();
}

async function alerts(): Promise<readonly string[]> {
  const rows = (await site.json('alerts', 'list', '--status', 'all')) as readonly Record<
    string,
    string
  >[];
  return rows.map((row) => `${row['alert_type']} ${row['severity']} ${row['status']}`).toSorted();
}

function hold(letter: string, dollars: string): Promise<unknown> {
  return place(site.ledger(), { account: 'ml-7', token: letter.repeat(26), task: dollars });
}

function journalLength(): number {
  return site.raw('SELECT seq FROM journal').length;
}

it('the minute after a charge, not the day after; and nothing is written while nothing happens', async () => {
  expect(await maintain()).toBe('0 new, 0 graver, 0 over');
  const before = journalLength();
  expect(await maintain()).toBe('0 new, 0 graver, 0 over');
  expect(journalLength()).toBe(before);
  await hold('a', '95');
  site.forward(60);
  expect(await maintain()).toBe('1 new, 0 graver, 0 over');
  await tryCharge(site.ledger(), 'a'.repeat(26), '104.5');
  site.forward(60);
  expect(await maintain()).toBe('1 new, 1 graver, 0 over');
  expect(await alerts()).toEqual([
    'budget_threshold critical active',
    'overspend_risk critical active',
  ]);
  await site.ok('account', 'deposit', 'ml-7', '--amount', '900');
  site.forward(60);
  expect(await maintain()).toBe('0 new, 0 graver, 2 over');
  site.forward(60);
  expect(await maintain()).toBe('0 new, 0 graver, 0 over');
});

it('what only time brings is found once a day', async () => {
  await hold('a', '10');
  await maintain();
  site.forward(9 * DAY);
  expect(await maintain()).toMatch(/^[1-9]/u);
  const found = await alerts();
  expect(found).toContain('burn_rate_low warning active');
  expect(found).toContain('stale_hold critical active');
});

it('holds that could not be settled, until they are', async () => {
  await hold('a', '10');
  const row = {
    token: 'a'.repeat(26),
    job: '4711',
    account: 'ml-7',
    amount: usd('10'),
    ageSeconds: 5,
    action: 'failed',
    reason: 'no price of c9.huge',
  } as const;
  const nowS = 1_795_262_400;
  const { ledger } = { ledger: site.ledger() };
  await maintain();
  await noteFailures([row], { ledger, nowS });
  expect(await maintain()).toBe('1 new, 0 graver, 0 over');
  const [alert] = (await site.json('alerts', 'list')) as readonly Record<string, string>[];
  expect(alert).toMatchObject({
    alert_type: 'reconciliation_failed',
    severity: 'warning',
    message: 'Account ml-7: job 4711 could not be reconciled: no price of c9.huge',
  });
  await noteFailures([row], { ledger, nowS: nowS + DAY });
  const { notes } = await ledger.read({ notes: [FAILED] });
  expect(JSON.parse(notes[FAILED] ?? '')).toMatchObject([{ sinceS: nowS }]);
  site.forward(DAY);
  expect(await maintain()).toMatch(/1 graver, 0 over$/u);
  await noteFailures([], { ledger, nowS });
  expect(await maintain()).toMatch(/0 graver, 1 over$/u);
});

it('burst.md 3.2 cost_alert_threshold: an alert once for each job and threshold, for a week', async () => {
  const ledger = site.ledger();
  await maintain();
  async function passed(...alerts: readonly object[]): Promise<void> {
    const value = JSON.stringify(alerts);
    await ledger.decide({ scope: 'hpc1', verb: 'plan alerts', args: {} }, {}, () => ({
      changes: [{ change: 'putNote', name: PLAN_ALERTS, value }],
      answer: null,
    }));
  }
  const atS = 1_795_262_400;
  const own = { cluster: 'hpc1', account: 'ml-7', atS };
  const first = { ...own, jobId: 4711, cost: '370000', limit: '360000' };
  await passed(first);
  expect(await maintain()).toBe('1 new, 0 graver, 0 over');
  const [alert] = (await site.json('alerts', 'list')) as readonly Record<string, string>[];
  expect(alert).toMatchObject({
    alert_type: 'budget_threshold',
    severity: 'warning',
    message:
      "Account ml-7: job 4711 has cost $0.37, its execution plan's cost_alert_threshold is $0.36",
  });
  expect(await maintain()).toBe('0 new, 0 graver, 0 over');
  await passed(first, { ...first, limit: '365000' }, { ...first, jobId: 4712 });
  expect(await maintain()).toBe('2 new, 0 graver, 0 over');
  expect(await site.ok('alerts', 'list')).toContain('budget_threshold');
  site.forward(7 * DAY);
  expect(await maintain()).toMatch(/ 3 over$/u);
});

it('a snoozed alert comes back when its time is over', async () => {
  await hold('a', '85');
  await maintain();
  await site.ok('alerts', 'snooze', '1', '--for', '2h');
  expect(await site.ok('alerts', 'list')).toBe('No alerts found.\n');
  site.forward(2 * 3600);
  await maintain();
  expect(await site.ok('alerts', 'list')).toContain('budget_threshold');
  const rows = site.raw('SELECT snoozed_until_s FROM alert');
  expect(rows).toEqual([{ snoozed_until_s: null }]);
});

it('a changed alert is seen by ledger verify, however it was changed', async () => {
  await hold('a', '85');
  await maintain();
  expect((await site.asbb('ledger', 'verify')).code).toBe(0);
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(`${site.root}/state/asbb.db`);
  db.exec("UPDATE alert SET severity='critical'");
  db.close();
  expect((await site.asbb('ledger', 'verify')).code).toBe(22);
});

/** Grant N1 of $1000 that runs this year, without F&A. */
async function grantOfThousand(): Promise<void> {
  const terms = ['--pi', 'A', '--start', '2026-07-01', '--end', '2027-06-30', '--indirect', '0'];
  await site.ok(
    ...'grant create --number N1 --agency NSF --institution U --amount 1000'.split(' '),
    ...terms,
  );
}

it('obligations outside SLURM above what is authorised, as line 10h counts them', async () => {
  await grantOfThousand();
  const dates = ['--start', '2026-07-01', '--end', '2027-06-30', '--federal-share', '0.5'];
  await site.ok(
    ...'account create --account bio --name bio --budget 400 --grant N1'.split(' '),
    ...dates,
  );
  await place(site.ledger(), { account: 'bio', token: 'b'.repeat(26), task: '300' });
  await tryCharge(site.ledger(), 'b'.repeat(26), '300');
  async function oblige(amount: string): Promise<number> {
    const what = ['--kind', 'obligation', '--category', 'travel', '--reference', amount];
    await site.ok(
      ...'grant entry add N1 --date 2026-11-20 --amount'.split(' '),
      ...[amount, ...what],
    );
    const report = (await site.json('grant', 'report', 'N1', '--end', '2026-11-21')) as {
      readonly sf425: Readonly<Record<string, number>>;
    };
    return report.sf425['10h'] ?? 0;
  }
  async function isNegative(): Promise<boolean> {
    await site.asbb('alerts', 'check');
    const rows = (await site.json('alerts', 'list', '--grant', 'N1')) as readonly Record<
      string,
      string
    >[];
    return rows.some(({ message = '' }) => message.includes('above what is authorised'));
  }
  // 150 of the 300 are the recipient's.
  expect([await oblige('850'), await isNegative()]).toEqual([0, false]);
  expect([await oblige('0.01'), await isNegative()]).toEqual([-0.01, true]);
});

it('an allocation that the award cannot pay, until it can', async () => {
  await grantOfThousand();
  const dates = ['--start', '2026-11-01', '--end', '2027-06-30'];
  await site.ok(
    ...'account create --account bio --name bio --incremental --grant N1'.split(' '),
    ...'--total-budget 1500 --allocation-amount 600 --allocation-frequency weekly'.split(' '),
    ...dates,
  );
  await maintain();
  await site.json('maintain', '--only', 'allocations');
  await site.ok('alerts', 'check');
  const [alert] = (
    (await site.json('alerts', 'list', '--account', 'bio')) as readonly Record<string, string>[]
  ).filter(({ alert_type: type }) => type === 'overspend_risk');
  expect(alert).toMatchObject({
    severity: 'warning',
    message:
      'Account bio was not given $600.00 due since 2026-11-08: the award has too little left',
  });
  await site.ok(...'grant supplement N1 --amount 500 --reference S1'.split(' '));
  await site.ok('allocations', 'process');
  await site.ok('alerts', 'check');
  expect(await site.ok('alerts', 'list', '--account', 'bio')).not.toContain('was not given');
});

it('the last report, the end of the grant, charges after it', async () => {
  const terms = ['--pi', 'A', '--start', '2025-01-01', '--end', '2026-06-30'];
  await site.ok(
    ...'grant create --number N1 --agency NSF --institution U --amount 1000'.split(' '),
    ...terms,
  );
  expect((await site.asbb('alerts', 'check')).code).toBe(1);
  expect(await alerts()).toEqual([
    'compliance_warning critical active', // annual, due 2026-03-31
    'compliance_warning critical active', // final, due 2026-10-28
  ]);
});
