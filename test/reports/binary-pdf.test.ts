import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GrantSite, NUMBER, workedExample } from './grant-site.ts';

// The PDF library inside the executables: no file of it is on the disk, and Bun, Node and the sources
// write the same bytes.

const DIST = process.env['ASBB_DIST'] ?? 'dist';
const EXECUTABLES = ['asbb', 'asbb-node'].map((name) => resolve(DIST, name));

let site: GrantSite;

beforeAll(async () => {
  site = await workedExample();
});
afterAll(() => site?.close());

const areBuilt = EXECUTABLES.every((file) => existsSync(file));

describe.skipIf(!areBuilt)('grant report --format pdf', () => {
  it.each(EXECUTABLES)('%s', async (file) => {
    const [own, other] = ['own', 'other'].map((name) => join(site.root, `${name}.pdf`));
    const words = ['grant', 'report', NUMBER, '--type', 'annual', '--format', 'pdf', '--output'];
    await site.ok(...words, own ?? '');
    execFileSync(file, [...words, other ?? ''], {
      cwd: '/',
      env: { ASBB_CONFIG: site.config, PATH: '/usr/bin:/bin' },
      stdio: 'ignore',
    });
    expect(readFileSync(other ?? '').equals(readFileSync(own ?? ''))).toBe(true);
  });
});
