import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountFindings } from '../../../src/core/alerts/account-rules.ts';
import type { AccountExtras, GrantExtras } from '../../../src/core/alerts/facts.ts';
import { grantFindings } from '../../../src/core/alerts/grant-rules.ts';
import { unusualJobs } from '../../../src/core/alerts/unusual-job.ts';
import { addDays } from '../../../src/core/grant/calendar.ts';
import { times, ZERO } from '../../../src/core/money/money.ts';
import { usd } from '../../support/dollars.ts';
import { THRESHOLDS } from './thresholds.ts';
import '../../support/property.ts';

const TODAY = 20_261_121;
const GRANT: GrantExtras = {
  owner: { kind: 'grant', id: 3, name: 'NSF-1' },
  today: TODAY,
  endDay: 20_281_231,
  isOpen: true,
  due: [],
  spentAfterEnd: ZERO,
  unobligated: ZERO,
};

function grant(changes: Partial<GrantExtras>): readonly string[] {
  return grantFindings({ ...GRANT, ...changes }).map(
    ({ type, rule, severity }) => `${type} ${rule} ${severity}`,
  );
}

const END: readonly (readonly [number, string | undefined])[] = [
  [91, undefined],
  [90, 'info'],
  [31, 'info'],
  [30, 'warning'],
  [8, 'warning'],
  [7, 'critical'],
  [0, 'critical'],
  [-1, undefined],
];
const PERIOD: readonly (readonly [number, string | undefined])[] = [
  [31, undefined],
  [30, 'info'],
  [8, 'info'],
  [7, 'warning'],
  [0, 'warning'],
  [-1, undefined],
];
const REPORT: readonly (readonly [number, string | undefined])[] = [
  [31, undefined],
  [30, 'warning'],
  [0, 'warning'],
  [-1, 'critical'],
  [-400, 'critical'],
];

describe('rules of a grant', () => {
  it.each(END)('%i days to its end: %s', (days, severity) => {
    const found = grant({ endDay: addDays(TODAY, days) });
    expect(found).toEqual(severity === undefined ? [] : [`grant_expiring end ${severity}`]);
  });
  it.each(PERIOD)('%i days to the end of the period: %s', (days, severity) => {
    const found = grant({ period: { number: 2, endDay: addDays(TODAY, days) } });
    expect(found).toEqual(severity === undefined ? [] : [`period_ending period ${severity}`]);
  });
  it.each(REPORT)('a report due in %i days: %s', (days, severity) => {
    const due = {
      kind: 'annual',
      periodStartDay: 20_250_101,
      periodEndDay: 20_251_231,
      dueDay: addDays(TODAY, days),
    } as const;
    const rule = 'compliance_warning report:annual:2025-12-31';
    expect(grant({ due: [due] })).toEqual(severity === undefined ? [] : [`${rule} ${severity}`]);
    expect(grant({ due: [{ ...due, submittedDay: TODAY }] })).toEqual([]);
  });

  it('closed or not begun: its dates matter to nobody', () => {
    expect(grant({ endDay: TODAY, isOpen: false })).toEqual([]);
  });
  it('a charge after the end, obligations above the award, money lost at the end of a period', () => {
    expect(grant({ spentAfterEnd: usd('0.000001') })).toEqual([
      'compliance_warning after_end critical',
    ]);
    expect(grant({ unobligated: usd('-0.000001') })).toEqual([
      'compliance_warning unobligated critical',
    ]);
    expect(grant({ lost: { period: 1, amount: usd('5') } })).toEqual([
      'underspend_risk carryover:1 info',
    ]);
    expect(grant({ lost: { period: 1, amount: usd('-5') } })).toEqual([]);
  });
});

const NOW_S = 1_795_262_400;
const ACCOUNT: AccountExtras = {
  owner: { kind: 'account', id: 1, name: 'ml-7' },
  nowS: NOW_S,
  endedSchedules: [],
  shortSchedules: [],
  staleHolds: [],
  failedHolds: [],
  planCosts: [],
  jobs: [],
  budget: usd('1000'),
};

function account(changes: Partial<AccountExtras>): readonly string[] {
  return accountFindings({ ...ACCOUNT, ...changes }, THRESHOLDS).map(
    ({ type, rule, severity, actual }) => `${type} ${rule} ${severity} ${actual}`,
  );
}

/** Twenty jobs of $2 and $3, a day earlier each; then these costs, just now. */
function jobs(...costs: readonly string[]): AccountExtras['jobs'] {
  const usual = Array.from({ length: 20 }, (_, at) => ({
    job: String(100 + at),
    cost: usd(at % 2 === 0 ? '2' : '3'),
    atUs: (NOW_S - (40 - at) * 86_400) * 1_000_000,
  }));
  const now = costs.map((cost, at) => ({
    job: String(900 + at),
    cost: usd(cost),
    atUs: NOW_S * 1_000_000,
  }));
  return [...usual, ...now];
}

describe('rules of an account', () => {
  it('schedules that ended, stale holds, holds that could not be settled', () => {
    expect(
      account({ shortSchedules: [{ scheduleId: 4, day: 20_261_101, amount: usd('7.5') }] }),
    ).toEqual(['overspend_risk allocation warning 7.5']);
    expect(account({ endedSchedules: [{ scheduleId: 4, left: usd('7.5') }] })).toEqual([
      'underspend_risk schedule info 7.5',
    ]);
    const hold = { expiresS: NOW_S - 86_400, amount: usd('3') };
    expect(account({ staleHolds: [hold, hold] })).toEqual(['stale_hold hold warning 2']);
    const old = { ...hold, expiresS: NOW_S - 7 * 86_400 };
    expect(account({ staleHolds: [old] })).toEqual(['stale_hold hold critical 1']);
    const failed = { token: 't', job: '4711', sinceS: NOW_S - 86_399, reason: 'no price' };
    expect(account({ failedHolds: [failed] })).toEqual(['reconciliation_failed recover warning 1']);
    expect(account({ failedHolds: [{ ...failed, sinceS: NOW_S - 86_400 }] })).toEqual([
      'reconciliation_failed recover critical 1',
    ]);
  });

  // Quartiles $2 and $3: the fence is 3 × (3 / 2)³ = $10.125.
  it.each([
    ['10.125', []],
    ['10.125001', ['unusual_job job:900 warning 10.125001']],
    ['100', ['unusual_job job:900 warning 100']],
    ['100.000001', ['unusual_job job:900 critical 100.000001']],
  ])('a job of $%s beside jobs of $2 and $3: %j', (cost, found) => {
    expect(account({ jobs: jobs(cost) })).toEqual(found);
  });
  it('19 jobs have no distribution', () => {
    expect(account({ jobs: jobs('500').slice(1) })).toEqual([]);
  });
  it('a job of more than a week ago is no news', () => {
    const [last] = jobs('500').slice(-1);
    const old = { job: '900', cost: usd('500'), atUs: (NOW_S - 7 * 86_400 - 1) * 1_000_000 };
    expect(last?.job).toBe('900');
    expect(account({ jobs: [...jobs(), old] })).toEqual([]);
  });
  it('a job below the least cost is never unusual', () => {
    const cheap = jobs('9.99').map((job) => ({ ...job, cost: job.cost }));
    const found = unusualJobs(cheap, { fromUs: 0, least: usd('10') });
    expect(found).toEqual([]);
  });

  it('does not depend on the size of costs, and finds none where all cost about the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 100, max: 300 }), { minLength: 25, maxLength: 60 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        (costs, factor) => {
          function found(scale: number): readonly number[] {
            const list = costs.map((cost, at) => ({
              job: String(at),
              cost: times(usd('0.000001'), cost * scale),
              atUs: at,
            }));
            return unusualJobs(list, { fromUs: 0, least: ZERO }).map(({ job }) => job.atUs);
          }
          expect(found(factor)).toEqual(found(1));
          expect(found(1)).toEqual([]);
        },
      ),
    );
  });
});
