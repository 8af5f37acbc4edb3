import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type CliSite, cliSite } from '../support/cli.ts';
import { words } from '../support/golden.ts';

// A site that wants budgets and no bursting: no partitions, no section aws, no region.

let site: CliSite;

beforeAll(async () => {
  site = await cliSite();
  const { aws: _aws, slurm, ...rest } = parse(readFileSync(site.config, 'utf8'));
  const { partitions: _partitions, ...commands } = slurm;
  const nowhere = { ...commands, bin_path: `${site.root}/bin` };
  writeFileSync(site.config, stringify({ ...rest, slurm: nowhere }));
  await site.ok(
    ...words('account create --account ml-7 --name ML --start 2026-01-01 --end 2026-12-31'),
    ...words('--incremental --total-budget 1200 --allocation-amount 100'),
    ...words('--allocation-frequency monthly'),
  );
});
afterAll(() => site.close());

it('maintain does what a budget needs', async () => {
  site.forward(10 * 86_400); // 2026-12-01
  const done = await site.ok('maintain', '--only', 'nodes,accounts,allocations,alerts,check');
  expect(done).toMatch(/^nodes +done +\d+ +0 nodes repaired$/mu);
  expect(done).toMatch(/^allocations +done +\d+ +1 allocation posted$/mu);
});

it('nodes reconcile has nothing to ask EC2 for', async () => {
  expect(await site.ok('nodes', 'reconcile')).toContain('0 nodes dealt with');
});

it('recover asks SLURM, not EC2', async () => {
  const done = await site.asbb('recover');
  expect([done.code, done.stderr]).toEqual([75, expect.stringContaining('squeue')]);
});

it('service status tells when maintain went through, not when it did a part', async () => {
  await site.asbb('maintain', '--only', 'heads');
  expect(await site.ok('service', 'status')).toMatch(/^ {2}Last Maintenance: +never$/mu);
  await site.asbb('maintain');
  expect(await site.ok('service', 'status')).toMatch(
    /^ {2}Last Maintenance: +2026-12-01T12:00:00Z$/mu,
  );
});
