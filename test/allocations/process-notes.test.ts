import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CliSite, cliSite } from '../support/cli.ts';

let site: CliSite;

function words(text: string): readonly string[] {
  return text.split(' ');
}

const ONE = words('allocations process --schedule 1');

beforeAll(async () => {
  site = await cliSite();
  await site.ok(
    ...words('account create --account ml-7 --name ML --start 2026-11-21 --end 2027-12-31'),
    ...words('--incremental --total-budget 40 --allocation-amount 10'),
    ...words('--allocation-frequency monthly'),
  );
});
afterAll(() => site.close());

async function noted(...args: readonly string[]): Promise<string> {
  const done = await site.asbb(...args);
  return `${done.code} ${done.stderr}`;
}

it('says why a schedule that was named gave nothing', async () => {
  expect(await noted(...ONE)).toContain('0 Note: schedule 1 has nothing due');
  await site.ok('allocations', 'pause', '1');
  expect(await noted(...ONE)).toContain('is paused: asbb allocations resume 1');
  await site.ok('allocations', 'resume', '1');
  await site.ok('account', 'update', 'ml-7', '--status', 'suspended');
  site.forward(31 * 86_400); // 2026-12-22: one is due
  expect(await noted(...ONE)).toContain('account ml-7 is suspended: nothing is allocated');
  await site.ok('account', 'update', 'ml-7', '--status', 'active');
  expect(await noted(...ONE)).toBe('0 ');
});

it('an account that was deleted with --force stays closed', async () => {
  await site.ok('account', 'delete', 'ml-7', '--force');
  const done = await site.asbb('account', 'update', 'ml-7', '--status', 'active');
  expect([done.code, done.stderr]).toEqual([
    3,
    'Error: ACCOUNT_INACTIVE: account ml-7 was deleted with --force (create another one with asbb account create)\n',
  ]);
  expect(await site.json('account', 'show', 'ml-7')).toMatchObject({ status: 'inactive' });
  expect(await noted(...ONE)).toContain('schedule 1 is cancelled');
});
