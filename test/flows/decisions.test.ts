import { expect, it } from 'vitest';
import { SqliteReports } from '../../src/adapters/sqlite/sqlite-reports.ts';
import { SqliteSpending } from '../../src/adapters/sqlite/sqlite-spending.ts';
import { isRefused } from '../../src/core/errors.ts';
import { updateAccount } from '../../src/core/ledger/update-account.ts';
import { toDecimal } from '../../src/core/money/money.ts';
import { toCents } from '../../src/core/money/ratio.ts';
import { check } from '../../src/flows/check.ts';
import { addNewDeadline } from '../../src/flows/deadlines.ts';
import { showTimeline } from '../../src/flows/decision-timeline.ts';
import { adviseBurst, checkAffordability, showBudgetStatus } from '../../src/flows/decisions.ts';
import { link, openAward } from '../support/grants.ts';
import { seedAccount, type TemporaryLedger, temporaryLedger, usd } from '../support/ledger.ts';
import { ask, place } from '../support/policy.ts';
import { pricing } from '../support/pricing-site.ts';
import { BOUNDS, seedSchedule } from '../support/schedules.ts';
import { exampleSettings } from '../support/settings.ts';

function portsOf(books: TemporaryLedger, changes: Record<string, unknown> = {}) {
  const { ledger, clock, place: where } = books;
  const settings = exampleSettings({ site: { timezone: 'UTC' }, ...changes });
  let keys = 0;
  return {
    ledger,
    reports: new SqliteReports({ place: where, clusterName: 'hpc1', zone: 'UTC' }),
    spending: new SqliteSpending(where),
    clock: { nowUs: () => clock.nowUs(), monotonicMs: () => 0, sleep: () => Promise.resolve() },
    log: { write: () => undefined },
    settings,
    zone: 'UTC',
    ids: {
      token: () => 'x'.repeat(26),
      hex: () => {
        keys += 1;
        return `key${keys}`;
      },
    },
    pricing: () => pricing(settings),
    bounds: BOUNDS,
    uid: 0,
  };
}

type Ports = ReturnType<typeof portsOf>;

const CHECKED = {
  ...{ partition: 'cpu', nodes: 1, cpus: 1, gpus: 0, time: '1h', user: 'ada', profile: '' },
  dryRun: true,
};

/** What affordability says of a cost, and what the real check says of it. */
async function both(account: string, cost: string, ports: Ports): Promise<string> {
  const said = await checkAffordability({ account, cost: usd(cost) }, ports);
  const real = await check(
    { ...CHECKED, account, estimatedCost: cost },
    {
      ...ports,
      ids: ports.ids as never, // no other id is asked for here
    },
  );
  const passes = !isRefused(real) && real.code === '';
  return isRefused(said)
    ? said.code
    : `${said.answer.affordable} ${passes} ${said.answer.decision}`;
}

it('4.10: affordable is what the real check would let pass', async () => {
  const books = await temporaryLedger();
  const { ledger } = books;
  const ports = portsOf(books);
  await seedAccount(ledger, { name: 'top', deposit: '100' });
  await seedAccount(ledger, { name: 'ml-7', deposit: '1000', parent: 'top' });
  await openAward(ledger, { number: 'R01', dollars: '1000' });
  await seedAccount(ledger, { name: 'lab', deposit: '0' });
  await link(ledger, 'R01', 'lab', { dollars: '990' });
  // The hold is 1.2 times the cost.
  expect(await both('ml-7', '83.333333', ports)).toBe('true true AWS');
  expect(await both('ml-7', '83.333334', ports)).toBe('false false LOCAL');
  // F&A of 30 % comes out of what the award has left: $10.
  expect(await both('lab', '27.7', ports)).toBe('true true AWS');
  expect(await both('lab', '27.8', ports)).toBe('false false LOCAL');
  expect(await both('nobody', '1', ports)).toBe('NOT_FOUND');
  const debts = portsOf(books, { budget: { allow_negative_balance: true } });
  expect(await both('ml-7', '5000', debts)).toBe('true true LOCAL');
});

it('4.10: an allocation that is due counts, as it does at the check', async () => {
  const books = await temporaryLedger();
  const ports = portsOf(books);
  const dates = { frequency: 'monthly', start: '2026-11-21', end: '2027-12-31' } as const;
  await seedSchedule(books.ledger, { total: '600', amount: '100', ...dates });
  books.clock.forward(31 * 86_400);
  expect(await both('ml-7', '150', ports)).toMatch(/^true true/u);
  expect(await both('ml-7', '170', ports)).toBe('false false LOCAL');
  const next = { account: 'ml-7', cost: usd('200'), isCollaboration: false };
  const defer = await adviseBurst(next, ports);
  expect(isRefused(defer) ? defer : defer.answer.action).toBe('LOCAL'); // 100 + 100 are too few
});

it('4.9: tells how an account stands; one that may not be used is answered', async () => {
  const books = await temporaryLedger();
  const ports = portsOf(books);
  await seedAccount(books.ledger, { name: 'ml-7', deposit: '1000' });
  await place(books.ledger, { account: 'ml-7', task: '120' });
  const status = await showBudgetStatus({ account: 'ML-7' }, ports);
  expect(status).toMatchObject({
    isUsable: true,
    status: { decision: 'EITHER', risk: 'LOW', canAffordBurst: true },
    spender: { name: 'ml-7' },
    alerts: [],
  });
  expect(isRefused(status) ? '' : toDecimal(status.sums.available)).toBe('880');
  await ask(books.ledger, { accounts: ['ml-7'] }, (view) =>
    updateAccount(view, { name: 'ml-7', status: 'suspended', force: false, bounds: BOUNDS }),
  );
  expect(await showBudgetStatus({ account: 'ml-7' }, ports)).toMatchObject({
    isUsable: false,
    status: { decision: 'EMERGENCY_ONLY', risk: 'CRITICAL', canAffordBurst: false },
  });
  expect(await both('ml-7', '0', ports)).toBe('false false LOCAL');
  expect(await showBudgetStatus({ account: 'ml7' }, ports)).toMatchObject({
    code: 'NOT_FOUND',
    advice: 'did you mean ml-7?',
  });
});

it('4.10: the burst decision looks at the nearer deadline and at what comes', async () => {
  const books = await temporaryLedger();
  const ports = portsOf(books);
  const dates = { frequency: 'monthly', start: '2026-11-01', end: '2027-12-31' } as const;
  await seedSchedule(books.ledger, { ...dates, total: '600', amount: '100', budget: '3328.75' });
  const job = { account: 'ml-7', cost: usd('400'), isCollaboration: false };
  const urgent = await adviseBurst(
    {
      ...{ ...job, priority: 'Critical', phase: 'validation', deadline: '2027-06-01' },
      conferenceDeadline: '2026-11-26T12:00:00Z',
    },
    ports,
  );
  expect(isRefused(urgent) ? urgent : urgent.job.deadlineMinutes).toBe(5 * 1440);
  expect(urgent).toMatchObject({ answer: { action: 'AWS', urgency: 'CRITICAL' } });
  // 1.2 × 2900 = 3480: not now, but after the allocation of 1 December.
  expect(await adviseBurst({ ...job, cost: usd('2900') }, ports)).toMatchObject({
    answer: { action: 'DEFER' },
  });
  const early = { ...job, cost: usd('2900'), deadline: '2026-11-30' };
  expect(await adviseBurst(early, ports)).toMatchObject({ answer: { action: 'LOCAL' } });
  for (const wrong of [
    { priority: 'soon' },
    { phase: 'LAST' },
    { deadline: 'tomorrow' },
    { localMinutes: -1 },
    { cost: usd('-1') },
  ]) {
    expect(await adviseBurst({ ...job, ...wrong }, ports)).toMatchObject({
      code: 'VALIDATION_ERROR',
    });
  }
});

it('4.10: the timeline has periods, reports owed and the deadlines that people wrote down', async () => {
  const books = await temporaryLedger();
  const ports = portsOf(books);
  await openAward(books.ledger, { number: 'R01', dollars: '9000' });
  await seedAccount(books.ledger, { name: 'lab', deposit: '0' });
  await link(books.ledger, 'R01', 'lab', { dollars: '3000' });
  const paper = { type: 'CONFERENCE', date: '2026-12-10', description: 'SC', dryRun: false };
  await addNewDeadline({ ...paper, account: 'lab' }, ports as never);
  const seen = await showTimeline({ account: 'lab', lookAheadDays: 100 }, ports);
  expect(seen).toMatchObject({
    grantNumber: 'R01',
    current: { number: 1, count: 3, endDay: 20_261_231 },
    daysRemaining: 771,
    answer: {
      urgency: 'MEDIUM',
      deadlines: [
        { kind: 'CONFERENCE', day: 20_261_210, days: 19, severity: 'MEDIUM' },
        { kind: 'PERIOD_END', day: 20_261_231, days: 40, severity: 'LOW' },
      ],
    },
  });
  const points = isRefused(seen) ? [] : seen.answer.points.map(({ day }) => day);
  expect(points).toEqual([20_261_121, 20_261_201, 20_270_101, 20_270_201, 20_270_301]);
  const whole = await showTimeline({ grant: 'R01', lookAheadDays: 1095 }, ports);
  const kinds = isRefused(whole) ? [] : whole.answer.deadlines.map(({ kind }) => kind);
  expect(new Set(kinds)).toEqual(new Set(['CONFERENCE', 'PERIOD_END', 'RENEWAL', 'GRANT_REPORT']));
  // B·n/D + 30·B/D of 9000 over 1096 days, 324 of them passed.
  expect(isRefused(whole) ? '' : toDecimal(toCents(whole.recommended))).toBe('2906.93');
  await seedAccount(books.ledger, { name: 'ml-7', deposit: '100' });
  const plain = await showTimeline({ account: 'ml-7' }, ports);
  expect(plain).toMatchObject({ grantNumber: undefined, current: { number: 1, count: 1 } });
  expect(await showTimeline({}, ports)).toMatchObject({ code: 'VALIDATION_ERROR' });
  const far = { account: 'ml-7', lookAheadDays: 1096 };
  expect(await showTimeline(far, ports)).toMatchObject({ code: 'VALIDATION_ERROR' });
  expect(await showTimeline({ grant: 'R02' }, ports)).toMatchObject({ code: 'NOT_FOUND' });
});
