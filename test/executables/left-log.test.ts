import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EXECUTABLES, readySite } from '../support/executables.ts';
import { brokenIn, tokensIn } from '../support/worker.ts';

// A hook ends without copying SQLite's log into the ledger, while the log is short (close('exiting')).

const LEFT_BYTES_MAX = 524_288;
/** The pages that one hold can change, with room to spare. */
const ONE_HOLD = 131_072;
const HOLDS = 25;

it.each(EXECUTABLES)('%s leaves a short log to the next hook, and nothing is lost', async (by) => {
  const site = readySite(by);
  const sizes: number[] = [];
  const tokens: string[] = [];
  for (let at = 0; at < HOLDS; at += 1) {
    const [, token = ''] = /^asbb1 ok ([0-9a-z]{26})\n$/u.exec(site.submit(by)) ?? [];
    tokens.push(token);
    sizes.push(statSync(join(site.state, 'asbb.db-wal'), { throwIfNoEntry: false })?.size ?? 0);
  }
  expect(Math.max(...sizes)).toBeLessThanOrEqual(LEFT_BYTES_MAX + ONE_HOLD);
  expect(sizes).toContain(0); // a longer one was copied and removed
  expect(tokensIn(site.state)).toEqual(tokens);
  expect(await brokenIn(site.state)).toEqual([]);
});

it('the Bun executable does leave it', () => {
  const [by = ''] = EXECUTABLES;
  const site = readySite(by);
  site.submit(by);
  expect(statSync(join(site.state, 'asbb.db-wal')).size).toBeGreaterThan(0);
});
