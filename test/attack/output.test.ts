import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type CliSite, cliSite } from '../support/cli.ts';

// `--output` is typed by people who may write anything: the ledger is never what they overwrite.

let site: CliSite;

afterEach(() => {
  site.close();
});

const WRITERS = ['transactions export --format csv', 'grant report G1 --format csv'] as const;

async function books(): Promise<string> {
  site = await cliSite();
  await site.ok(
    ...['grant', 'create', '--number', 'G1', '--agency', 'NSF', '--pi', 'Ada', '--amount', '10'],
    ...['--institution', 'U', '--start', '2026-01-01', '--end', '2027-12-31'],
  );
  const victim = join(site.root, 'victim');
  writeFileSync(victim, 'precious');
  symlinkSync(victim, join(site.root, 'link'));
  symlinkSync(join(site.root, 'state'), join(site.root, 'by-the-way'));
  return victim;
}

it.each(WRITERS)(
  '%s never writes over the ledger, through a link or into a device',
  async (line) => {
    const victim = await books();
    for (const file of [
      'state/asbb.db',
      'state/new.csv',
      'by-the-way/asbb.db',
      'link',
      'state',
      '.',
    ]) {
      const { code, stderr } = await site.asbb(
        ...line.split(' '),
        '--output',
        join(site.root, file),
      );
      expect([file, code, stderr]).toEqual([file, 2, expect.stringContaining('VALIDATION_ERROR')]);
    }
    expect((await site.asbb(...line.split(' '), '--output', '/dev/full')).code).toBe(2);
    const nowhere = join(site.root, 'nowhere', 'x.csv');
    expect((await site.asbb(...line.split(' '), '--output', nowhere)).code).toBe(1);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    await site.ok('ledger', 'verify');
    const plain = join(site.root, 'plain.csv');
    writeFileSync(plain, 'x'.repeat(100_000));
    await site.ok(...line.split(' '), '--output', plain);
    expect(readFileSync(plain, 'utf8')).toMatch(/^[a-z_]+,[a-z_]+,[^x]*/u);
    expect(readFileSync(plain, 'utf8')).not.toContain('xxx');
  },
);
