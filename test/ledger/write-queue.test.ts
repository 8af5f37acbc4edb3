import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { type Turn, takeTurn } from '../../src/adapters/sqlite/write-queue.ts';

const WAIT_MS = 30_000;

function ledgerFile(): { readonly folder: string; readonly file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'asbb-queue-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, file: join(folder, 'asbb.db') };
}

it('knows who came before, and forgets who left', async () => {
  const { folder, file } = ledgerFile();
  const turns: Turn[] = [];
  for (let at = 0; at < 3; at += 1) {
    turns.push(takeTurn(file, WAIT_MS));
    await sleep(2); // numbers are of microseconds, and one process could take two in the same
  }
  const [first, second, third] = turns;
  expect(turns.map((turn) => turn.ahead())).toEqual([0, 1, 2]);
  second?.leave();
  expect([first?.ahead(), third?.ahead()]).toEqual([0, 1]);
  first?.leave();
  third?.leave();
  expect(readdirSync(folder)).toEqual([]);
});

it('clears away the numbers of those who were killed, when their time is over', async () => {
  const { folder, file } = ledgerFile();
  takeTurn(file, 1); // never leaves
  await sleep(5);
  const turn = takeTurn(file, WAIT_MS);
  expect(turn.ahead()).toBe(0);
  turn.leave();
  expect(readdirSync(folder)).toEqual([]);
});

it('lets alone what is not a number, and lets in who can write none', () => {
  const { folder, file } = ledgerFile();
  writeFileSync(join(folder, 'asbb.db-wal'), '');
  expect(takeTurn(file, WAIT_MS).ahead()).toBe(0);
  expect(readdirSync(folder)).toContain('asbb.db-wal');
  const nowhere = takeTurn('/nonexistent/asbb.db', WAIT_MS);
  expect(nowhere.ahead()).toBe(0);
  nowhere.leave();
});
