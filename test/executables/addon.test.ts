import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  asbb,
  EXECUTABLES,
  LIB,
  readySite,
  type Site,
  temporaryFolder,
} from '../support/executables.ts';

const HELD = /^asbb1 ok [0-9a-z]{26}\n$/u;
const SAYS_NO = /^asbb1 no retry /u;
const PERMISSIONS = 0o777;
const NOBODY = 65_534;
const IS_ROOT = process.getuid?.() === 0;

const [FILE = ''] = readdirSync(LIB);
const GENUINE = readFileSync(join(LIB, FILE));
const HOSTILE = Buffer.alloc(GENUINE.length, 'not an addon'); // of the right size and name

const PLANTED: readonly (readonly [string, (path: string) => void])[] = [
  ['a file that others can write', (path) => chmodSync(path, 0o666)],
  ['a file cut short', (path) => truncateSync(path, 1000)],
  [
    'a symbolic link',
    (path) => {
      renameSync(path, `${path}.x`);
      symlinkSync(`${path}.x`, path);
    },
  ],
  // Only root can give files away; for others this repeats the first row.
  [
    'a file of somebody else',
    (path) => (IS_ROOT ? chownSync(path, NOBODY, 0) : chmodSync(path, 0o666)),
  ],
];

/** The sentence of a command that needs the ledger; hooks say it to the log only. */
function complaint(executable: string, { env }: Site, uid?: number): string {
  return asbb(executable, ['account', 'list'], { env, ...(uid !== undefined && { uid }) }).stderr;
}

describe.each(EXECUTABLES)('the addon of %s', (executable) => {
  it('is unpacked once, readable for all, with nothing left over', () => {
    const site = readySite(executable);
    const path = join(site.state, 'lib', FILE);
    expect(readdirSync(join(site.state, 'lib'))).toEqual([FILE]);
    expect(readFileSync(path).equals(GENUINE)).toBe(true);
    expect(lstatSync(path).mode & PERMISSIONS).toBe(0o644);
    expect(lstatSync(join(site.state, 'lib')).mode & PERMISSIONS).toBe(0o755);

    utimesSync(path, 1, 1);
    expect(site.submit(executable)).toMatch(HELD);
    expect(lstatSync(path).mtimeMs).toBe(1000);
  });

  it('is whole when many unpack at once', async () => {
    const site = readySite(executable);
    rmSync(join(site.state, 'lib'), { recursive: true });
    const all = Array.from({ length: 8 }, () =>
      spawn(executable, ['account', 'list'], { env: site.env, stdio: 'ignore' }),
    );
    const codes = await Promise.all(all.map((one) => once(one, 'exit')));
    expect(codes).toEqual(all.map(() => [0, null]));
    expect(readdirSync(join(site.state, 'lib'))).toEqual([FILE]);
  });

  it.each(PLANTED)('replaces what was planted there: %s', (_what, plant) => {
    const site = readySite(executable);
    const path = join(site.state, 'lib', FILE);
    writeFileSync(path, HOSTILE);
    plant(path);
    expect(site.submit(executable)).toMatch(HELD);
    expect(lstatSync(path).isFile()).toBe(true);
    expect(readFileSync(path).equals(GENUINE)).toBe(true);
  });

  it('is never taken from a directory that others can write', () => {
    const site = readySite(executable);
    chmodSync(join(site.state, 'lib'), 0o777);
    expect(site.submit(executable)).toMatch(SAYS_NO);
    expect(complaint(executable, site)).toContain('is writable by others');
  });

  it('says what to do when it cannot be unpacked', () => {
    const site = readySite(executable);
    rmSync(join(site.state, 'lib'), { recursive: true });
    chmodSync(site.state, 0o555);
    chmodSync(site.root, 0o755);
    const text = complaint(executable, site, IS_ROOT ? NOBODY : undefined);
    chmodSync(site.state, 0o755); // so that it can be removed
    expect(text).toMatch(/^Error: /u);
    expect(text).toContain('/usr/lib/asbb');
  });

  it('is taken from beside the executable, if only we can write there', () => {
    const site = readySite(executable);
    const folder = temporaryFolder();
    const installed = join(folder, basename(executable));
    copyFileSync(executable, installed);
    writeFileSync(join(folder, FILE), GENUINE);
    rmSync(join(site.state, 'lib'), { recursive: true });
    expect(site.submit(installed)).toMatch(HELD);
    expect(readdirSync(site.state)).not.toContain('lib');

    writeFileSync(join(folder, FILE), HOSTILE);
    chmodSync(folder, 0o777);
    mkdirSync(join(site.state, 'lib'));
    expect(site.submit(installed)).toMatch(HELD);
    expect(readdirSync(join(site.state, 'lib'))).toEqual([FILE]);
  });
});
