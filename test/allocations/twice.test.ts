import { expect, it } from 'vitest';
import { cliSite } from '../support/cli.ts';

it('a schedule that is typed twice is made twice, and the second time that is said', async () => {
  const site = await cliSite();
  try {
    const year = ['--start', '2026-01-01', '--end', '2026-12-31', '--budget', '1'];
    await site.ok('account', 'create', '--account', 'ml-7', '--name', 'ML', ...year);
    const terms = ['--total-budget', '100', '--allocation-amount', '10', '--start', '2026-12-01'];
    const make = ['allocations', 'create', '--account', 'ml-7', ...terms];
    const monthly = [...make, '--allocation-frequency', 'monthly'];
    expect((await site.asbb(...monthly)).stderr).toBe('');
    expect((await site.asbb(...make, '--allocation-frequency', 'weekly')).stderr).toBe('');
    const again = await site.asbb(...monthly);
    expect([again.code, again.stderr]).toEqual([
      0,
      'Note: schedule 1 has the same terms; one too many? asbb allocations cancel 3\n',
    ]);
    await site.ok('allocations', 'cancel', '3');
    await site.ok('allocations', 'cancel', '1');
    expect((await site.asbb(...monthly)).stderr).toBe('');
  } finally {
    site.close();
  }
});
