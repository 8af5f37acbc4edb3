import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CliSite, cliSite } from '../support/cli.ts';

// What only a process of its own can show: descriptors, pipes, an empty environment.

const MAIN = resolve('src/main.ts');
let site: CliSite;

beforeAll(async () => {
  site = await cliSite();
  const dates = ['--start', '2026-01-01', '--end', '2026-12-31'];
  for (let number = 0; number < 5; number += 1) {
    const words = ['account', 'create', '--account', `a${number}`, '--name', 'A', '--budget', '1'];
    await site.ok(...words, ...dates);
  }
});
afterAll(() => site.close());

function shell(line: string): ReturnType<typeof spawnSync> {
  const env = { NODE: process.execPath, MAIN, CONFIG: site.config };
  return spawnSync('/bin/sh', ['-c', line], { env, cwd: '/', encoding: 'utf8' });
}

it('works with an empty environment, from anywhere, and colours nothing in a pipe', () => {
  const { status, stdout, stderr } = shell(
    'exec /usr/bin/env -i "$NODE" "$MAIN" account list --config "$CONFIG"',
  );
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('a4');
  expect(stdout).not.toContain('\u001b');
});

it('works with the standard descriptors closed', () => {
  const { status } = shell(
    'exec "$NODE" "$MAIN" account deposit a1 --amount 1 --config "$CONFIG" <&- >&- 2>&-',
  );
  expect(status).toBe(0);
  expect(site.raw('SELECT COUNT(*) n FROM txn')).toEqual([{ n: 6n }]);
});

it('ends quietly when nobody reads on', async () => {
  const args = [MAIN, 'account', 'list', '--config', site.config];
  const child = spawn(process.execPath, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const [code, signal] = await once(child, 'close');
  expect([code === 0 || signal === 'SIGPIPE', said]).toEqual([true, '']);
});

it('prints its version in the one line that other tools keep', () => {
  const { status, stdout } = shell('exec "$NODE" "$MAIN" --version');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^asbb version aws-slurm-burst-budget \S+ \(\S+\)\n$/u);
});

it('ends with the code of a refusal, and tells on the right stream', () => {
  const { status, stdout, stderr } = shell(
    'exec "$NODE" "$MAIN" account show nobody --config "$CONFIG"',
  );
  expect([status, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(/^Error: NOT_FOUND: /u);
});

it('shows what goes to the log with --verbose, on stderr, and leaves --json clean', () => {
  const { status, stdout } = shell(
    'exec "$NODE" "$MAIN" account list --json --verbose --config "$CONFIG"',
  );
  expect(status).toBe(0);
  expect(JSON.parse(String(stdout))).toHaveLength(5);
});
