import { appendFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { clockSite, type GrantSite } from './grant-site.ts';

// What differs between agencies is a setting (budget.md 8).

let site: GrantSite | undefined;
afterEach(() => site?.close());

const TERMS = `
grant_management:
  de_minimis_cap: 0.12
  report_due_days:
    annual: 60
    final: 45
`;

const Reports = z.looseObject({
  reports: z.array(z.looseObject({ kind: z.string(), due: z.string() })),
});

it('an annual report as of a day has the alerts as they were', async () => {
  site = clockSite();
  site.goTo('2025-01-02');
  await site.ok('ledger', 'migrate');
  await site.ok(
    ...['grant', 'create', '--number', 'A1', '--agency', 'NSF', '--pi', 'A', '--institution', 'U'],
    ...['--amount', '1000', '--start', '2025-01-01', '--end', '2026-12-31'],
  );
  site.goTo('2025-06-01');
  await site.asbb('alerts', 'check');
  const then = ['grant', 'report', 'A1', '--type', 'annual', '--as-of', '2025-06-01T12:00:00Z'];
  const before = await site.ok(...then);
  expect(before).toContain('burn_rate_low');
  site.goTo('2026-12-29');
  await site.ok('alerts', 'acknowledge', '1', '--user', 'ada');
  await site.ok('alerts', 'dismiss', '1');
  await site.asbb('alerts', 'check');
  expect(await site.ok(...then)).toBe(before);
});

it('days until a report is due, and the de minimis limit', async () => {
  site = clockSite();
  site.goTo('2025-01-02');
  await site.ok('ledger', 'migrate');
  const grant = [
    ...['--agency', 'NSF', '--pi', 'A', '--institution', 'U', '--amount', '1000'],
    ...['--start', '2025-01-01', '--end', '2026-12-31', '--rate-type', 'de_minimis'],
  ];
  const usual = await site.asbb(
    'grant',
    'create',
    '--number',
    'A1',
    ...grant,
    '--indirect',
    '0.13',
  );
  expect(usual.stderr).toBe('');
  appendFileSync(site.config, TERMS);
  const own = await site.asbb('grant', 'create', '--number', 'A2', ...grant, '--indirect', '0.13');
  expect(own.stderr).toContain('a de minimis rate is at most 12 %');
  const rate = ['--rate', '0.14', '--type', 'de_minimis', '--reference', 'r'];
  expect((await site.asbb('grant', 'rate', 'A2', ...rate)).stderr).toContain('at most 12 %');
  const { reports } = Reports.parse(
    await site.json('grant', 'report', 'A2', '--type', 'compliance'),
  );
  expect(reports.map(({ kind, due }) => `${kind} ${due}`)).toEqual([
    'annual 2026-03-01',
    'final 2027-02-14',
  ]);
  expect(await site.ok('grant', 'report', 'A2')).toContain('above the limit of 0.1200');
  // The alert goes by the same days.
  site.goTo('2026-03-02');
  expect((await site.asbb('alerts', 'check')).stdout).toContain(
    'the annual report to 2025-12-31 was due on 2026-03-01',
  );
  await site.ok('grant', 'report', 'A2', '--period', '1', '--mark-submitted', '2026-03-02');
});
