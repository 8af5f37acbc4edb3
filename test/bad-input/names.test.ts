import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, openDesk } from './desk.ts';

// What a person is told who names something that is not there, and the same typed to a real child.

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk?.close());

/** Command, words, advice. */
const NOBODY: readonly (readonly [id: string, words: string, advice: string])[] = [
  ['account:show', 'ml-77', 'did you mean ml-7?'],
  ['account:show', 'quite-different', 'see asbb account list'],
  ['account:transfer', 'ml-7 ml-7bb --amount=1 --reason=x', 'did you mean ml-7b?'],
  ['account:list', '--grant=NSF-2025-1234', 'did you mean NSF-2025-12345?'],
  ['account:limit:remove', 'ml-7 --partition=asw', 'did you mean aws?'],
  ['account:limit:remove', 'ml-7b --partition=asw', 'see asbb account limit list ml-7b'],
  ['allocations:create', TERMS('ml-7 --grant=CARY-1'), 'did you mean CARRY-1?'],
  ['allocations:show', '77', 'see asbb allocations list'],
  ['allocations:process', '--schedule=77', 'see asbb allocations list'],
  ['grant:show', 'CARRY1', 'did you mean CARRY-1?'],
  ['grant:show', 'R01', 'see asbb grant list'],
  ['grant:unlink', 'CARRY-1 ml-7bb', 'did you mean ml-7b?'],
  ['burn-rate', 'CARY-1', 'did you mean CARRY-1?'],
  ['usage:summary', '--partition=hcp', 'did you mean hpc?'],
  ['usage:summary', '--partition=elsewhere', 'it has aws, hpc'],
  ['nodes:list', '--partition=hcp', 'did you mean hpc?'],
  ['nodes:unprotect', 'asw', 'did you mean aws?'],
  ['analytics:accuracy', '--partition=asw', 'did you mean aws?'],
  ['transactions:list', '--account=ml-77', 'did you mean ml-7?'],
  ['transactions:export', '--account=ml-77 --output={root}/out', 'did you mean ml-7?'],
  ['transactions:show', 'txn_999999', 'see asbb transactions list'],
  ['transactions:show', '{slip}', 'did you mean {hold}?'],
  ['hold:release', '{slip}', 'did you mean {hold}?'],
  ['transactions:approve', '7', 'see asbb transactions proposals'],
  ['alerts:dismiss', '77', 'see asbb alerts list --status all'],
  ['deadline:remove', '77', 'see asbb deadline list'],
];

function TERMS(rest: string): string {
  return `--total-budget=9 --allocation-amount=1 --allocation-frequency=monthly --account=${rest}`;
}

function filled(text: string): string {
  const { hold, root } = desk.names;
  const slip = `${hold.slice(0, -2)}9${hold.slice(-1)}`;
  return text.replace('{slip}', slip).replace('{hold}', hold).replace('{root}', root);
}

describe('a name that is nobody’s', () => {
  it.each(NOBODY)('%s %s: %s', async (id, words, advice) => {
    const before = desk.fingerprint();
    const shown = await desk.refusal(id, filled(words).split(' '));
    expect([shown.exit, shown.code, shown.details]).toEqual([3, 'NOT_FOUND', filled(advice)]);
    expect(shown.faults).toEqual([]);
    expect(desk.fingerprint()).toBe(before);
  });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function child(args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, ASBB_CONFIG: desk.site.config };
  return await new Promise((done) => {
    execFile(
      process.execPath,
      [resolve('src/main.ts'), ...args],
      { env },
      (error, stdout, stderr) => {
        done({ code: Number(error?.code ?? 0), stdout, stderr });
      },
    );
  });
}

const EXTRA = `${'9'.repeat(100_000)}`;

/** Words as execve hands them over, exit code, what stderr says. */
const TYPED: readonly (readonly [words: readonly string[], code: number, said: string])[] = [
  [['account', 'deposit', 'ml-7', '--amount', '1e3'], 2, 'Error: VALIDATION_ERROR: --amount 1e3'],
  [['account', 'deposit', 'ml-7', '--amount', '-5'], 2, 'Error: VALIDATION_ERROR: --amount -5'],
  [['account', 'deposit', 'ml-7', '--amount', EXTRA], 2, '--amount is longer than 4096 char'],
  [['account', 'show', '\u001b[2J\u202eml-7'], 3, "'\\u001b[2J\\u202eml-7' not found"],
  [['account', 'shwo', 'ml-7'], 2, 'did you mean asbb account show?'],
  [['grant', 'show', "CARRY-1'; DROP TABLE award; --"], 3, 'Error: NOT_FOUND: Grant'],
  [['allocations', 'show', '--', '-1'], 2, '-1: not the number of a schedule'],
];

describe('a real child', () => {
  it('says the same, with the same codes', async () => {
    const before = desk.fingerprint();
    const all = await Promise.all(TYPED.map(async ([words]) => await child(words)));
    for (const [at, [, code, said]] of TYPED.entries()) {
      const ended = all[at];
      expect([ended?.code, ended?.stdout], ended?.stderr).toEqual([code, '']);
      expect(ended?.stderr).toContain(said);
    }
    expect(desk.fingerprint()).toBe(before);
  });
});
