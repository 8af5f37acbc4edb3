import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TransactionList } from '../../schema/output/transaction.ts';
import type { AsbbCommandClass } from '../../src/cli/base.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { readDay } from '../demo/day.ts';
import { type Emulated, emulatedStage } from '../demo/emulated.ts';

// Every example of every --help, typed into one fresh site: the built binary, the emulator, the fake
// cloud. They are in the order of a person who begins: accounts first, what destroys last.

const EXECUTABLE = resolve(process.env['ASBB_DIST'] ?? 'dist', 'asbb');
const FIRST = [
  ...['account:create', 'account:limit:set', 'account:update', 'grant:create', 'grant:link'],
  'account:deposit',
];
const LAST = [
  ...[
    'alerts:dismiss',
    'allocations:cancel',
    'grant:close',
    'account:limit:remove',
    'account:delete',
    'ledger:backup',
    'ledger:restore',
  ],
];
const VERY_LAST = ['ledger:unlock', 'database:rollback'];

/** What a fresh site has not: these have to be refused, with the reason. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'asbb reconcile job_12345 --transaction=txn_abc123 --actual-cost=118.50': /^3: Error: NOT_FOUND/u,
  'asbb reconcile 123_4 --actual-cost=12.25 --amend': /^3: Error: NOT_FOUND/u,
  'asbb hold release txn_dddddddddddddddddddddddddd --reason cancelled --dry-run':
    /^3: Error: NOT_FOUND/u,
  'asbb burst export --job-id 4711 --stdout': /^3: Error: NOT_FOUND/u,
  'asbb burst export --job-id 4711 --format cost --output-dir /tmp/exports':
    /^3: Error: NOT_FOUND/u,
  'asbb burst export --job-id 4711 --anonymize --json': /^3: Error: NOT_FOUND/u,
  'asbb database rollback --force':
    /^3: Error: NOT_FOUND: there is no ledger saved before schema \d/u,
};
/** Whether the fresh site has an alert by then, and a critical one, is for its calendar to say. */
const ALERT = /^(?:0: |3: Error: NOT_FOUND: Alert 1 not found)/u;
const ALERTS: Readonly<Record<string, RegExp>> = {
  'alerts:acknowledge': ALERT,
  'alerts:dismiss': ALERT,
  'alerts:snooze': ALERT,
  'alerts:check': /^[01]: $/u,
};
/** Nothing was charged, proposed or wrongly given on the fresh site. */
const BOOKS: Readonly<Record<string, RegExp>> = {
  'transactions:adjust': /^3: Error: NOT_FOUND: Transaction txn_14 is no charge/u,
  'transactions:refund': /^3: Error: NOT_FOUND: Transaction txn_14 is no charge/u,
  'transactions:approve': /^3: Error: NOT_FOUND: Proposal 1 not found/u,
  'transactions:reverse': /^(?:0: $|3: Error: (?:NOT_FOUND|IN_USE|POLICY))/u,
};
const PLAN = JSON.stringify({
  should_burst: true,
  instance_specification: { instance_types: ['c5.xlarge'], purchasing_option: 'on-demand' },
});
/** No job waits for nodes on the fresh site, and job 123 is nobody's. */
const NOBODY: Readonly<Record<string, RegExp>> = { 'burst:resume': /^(?:3|75): $/u };
const WORKS = /^0: (?:Note: .*\n)*$/u;

const root = mkdtempSync(join(tmpdir(), 'asbb-examples-'));
let stage: Emulated;

beforeAll(async () => {
  chmodSync(root, 0o755);
  mkdirSync(join(root, 'out'));
  copyFileSync('test/grants/entries.csv', join(root, 'out', 'entries.csv'));
  writeFileSync(join(root, 'out', 'job.sbatch'), '#!/bin/sh\n#SBATCH -N 4\nsrun -n 16 ./a\n');
  writeFileSync(join(root, 'out', 'plan.json'), PLAN, { mode: 0o644 });
  stage = await emulatedStage(EXECUTABLE, root, readDay(resolve('test/demo/day.yaml')));
});
afterAll(async () => {
  await stage?.stop();
  rmSync(root, { recursive: true, force: true });
});

/** Words of a shell line: blanks part them, quotes keep them together. */
function wordsOf(line: string): readonly string[] {
  const parts = line.match(/"[^"]*"|'[^']*'|\S+/gu) ?? [];
  return parts.map((part) => part.replaceAll(/^["']|["']$/gu, ''));
}

function rank(id: string): number {
  const groups = [FIRST, [id], LAST, VERY_LAST];
  const group = [FIRST, LAST, VERY_LAST].find((each) => each.includes(id));
  const at = group === undefined ? 1 : groups.indexOf(group);
  return at * 100 + (group?.indexOf(id) ?? 0);
}

interface Example {
  readonly id: string;
  readonly line: string;
}

async function examplesOf(id: string): Promise<readonly Example[]> {
  const command = (await COMMANDS[id]?.())?.default as AsbbCommandClass | undefined;
  return (command?.examples ?? []).map((example) => ({
    id,
    line: (typeof example === 'string' ? example : example.command).replace(
      '<%= config.bin %>',
      'asbb',
    ),
  }));
}

const ids = Object.keys(COMMANDS).toSorted((a, b) => rank(a) - rank(b));
const examples = (await Promise.all(ids.map(examplesOf))).flat();

/** As the refusal of `account delete` advises. */
async function releaseHolds(): Promise<void> {
  const filter = ['--type', 'hold', '--status', 'pending', '--json'];
  const { stdout } = await stage.run('operator', ['asbb', 'transactions', 'list', ...filter]);
  for (const { transaction_id: id } of TransactionList.parse(JSON.parse(stdout))) {
    await stage.run('operator', ['asbb', 'hold', 'release', id]);
  }
}

describe('the examples of --help work', () => {
  it.each(examples)('$line', async ({ id, line }) => {
    if (id === 'account:delete') {
      await releaseHolds();
    }
    const words = wordsOf(line).map((word) => word.replace(/^\/(backup|tmp)\//u, `${root}/out/`));
    const done = await stage.run('operator', words);
    expect(`${done.code}: ${done.stderr}`).toMatch(
      REFUSED[line] ?? ALERTS[id] ?? BOOKS[id] ?? NOBODY[id] ?? WORKS,
    );
    if (words.includes('--json') && done.code < 2) {
      const command = (await COMMANDS[id]?.())?.default as AsbbCommandClass | undefined;
      expect(command?.output?.safeParse(JSON.parse(done.stdout)).error).toBeUndefined();
    }
  });
});
