import { afterEach, expect, it } from 'vitest';
import { clockSite, type GrantSite, run } from '../reports/grant-site.ts';

let site: GrantSite | undefined;
afterEach(() => site?.close());

it('a rate can still change when one account was given back more than it spent under it', async () => {
  site = clockSite();
  site.goTo('2025-01-02');
  await site.ok('ledger', 'migrate');
  const days = ['--start', '2025-01-01', '--end', '2025-12-31'];
  await site.ok(
    ...['grant', 'create', '--number', 'A1', '--agency', 'NSF', '--pi', 'A', '--institution', 'U'],
    ...['--amount', '1000', '--indirect', '0.3', ...days],
  );
  for (const name of ['ml', 'bio']) {
    await site.ok(
      ...['account', 'create', '--account', name, '--name', name, '--budget', '300', ...days],
      ...['--grant', 'A1'],
    );
  }
  await site.ok(...'grant rate A1 --rate 0.4 --from 2025-06-01 --reference r'.split(' '));
  const rest = { user: 'ada', partition: 'aws', hold: '150' };
  await run(site, { ...rest, account: 'ml', day: '2025-02-01', token: 'a', cost: '90' });
  await run(site, { ...rest, account: 'bio', day: '2025-06-02', token: 'b', cost: '100' });
  site.goTo('2025-06-05');
  await site.ok('account', 'adjust', 'ml', '--amount', '-10', '--reason', 'r');
  await site.ok(
    ...'grant rate A1 --rate 0.5 --from 2025-06-01 --type final --reference f'.split(' '),
  );
  const { sf425 } = (await site.json('grant', 'report', 'A1', '--end', '2025-06-05')) as {
    readonly sf425: Readonly<Record<string, number>>;
  };
  // 90 at 30 %, 90 net at 50 %.
  expect(sf425['10e']).toBe(90 + 27 + 90 + 45);
  await site.ok('ledger', 'verify');
});
