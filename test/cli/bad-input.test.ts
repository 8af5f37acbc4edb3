import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrorBody } from '../../schema/output/common.ts';
import type { AsbbCommandClass } from '../../src/cli/base.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { bareSite, type CliSite, cliSite, type Done } from '../support/cli.ts';
import { place } from '../support/policy.ts';

const MESSAGE = /^Error: [A-Z_]+: .+\n$/u;
const YEAR = ['--start', '2026-01-01', '--end', '2026-12-31'];

let site: CliSite;

beforeAll(async () => {
  site = await cliSite();
  await site.ok(...words('account create --account ml-7 --name ML --budget 100'), ...YEAR);
  await site.ok(...words('account limit set ml-7 --partition aws --limit 50'));
  await place(site.ledger(), { account: 'ml-7', task: '10' });
});
afterAll(() => site.close());

function words(text: string): readonly string[] {
  return text.split(' ');
}

/** Everything that the ledger holds but its journal: a refused act leaves one row there. */
function fingerprint(): string {
  const tables = [
    ...['account', 'slurm_name', 'budget', 'partition_limit', 'hold', 'txn', 'posting'],
    ...['balance', 'partition_balance', 'below', 'day_spend', 'idem', 'note'],
  ];
  const hash = createHash('sha256');
  for (const table of tables) {
    hash.update(table);
    for (const row of site.raw(`SELECT * FROM ${table} ORDER BY 1, 2`)) {
      hash.update(
        JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
      );
    }
  }
  return hash.digest('hex');
}

/** One sentence with its code on stderr, nothing on stdout, no stack. */
function isSentence({ stdout, stderr }: Done): boolean {
  return stdout === '' && MESSAGE.test(stderr) && !stderr.includes('    at ');
}

/** One document on stdout that is an error body. */
function codeIn({ stdout }: Done): string | undefined {
  return ErrorBody.safeParse(JSON.parse(stdout)).data?.error.code;
}

const COMMAND_IDS = Object.keys(COMMANDS);

async function classOf(id: string): Promise<AsbbCommandClass> {
  const command = (await COMMANDS[id]?.())?.default;
  if (command === undefined) {
    throw new Error(`no command ${id}`);
  }
  return command as AsbbCommandClass;
}

describe('every command', () => {
  it.each(COMMAND_IDS)('%s refuses what it does not know', async (id) => {
    const before = fingerprint();
    const name = id.split(':');
    const flag = await site.asbb(...name, '--no-such-flag');
    expect([flag.code, isSentence(flag)]).toEqual([2, true]);
    const json = await site.asbb(...name, '--no-such-flag', '--json');
    expect([json.code, codeIn(json)]).toEqual([2, 'VALIDATION_ERROR']);
    const command = await classOf(id);
    if (command.strict) {
      const many = Array.from({ length: Object.keys(command.args ?? {}).length + 1 }, () => 'x');
      const extra = await site.asbb(...name, ...many);
      expect([extra.code, isSentence(extra)]).toEqual([2, true]);
    }
    expect(fingerprint()).toBe(before);
  });

  it.each(COMMAND_IDS)('%s says what is missing', async (id) => {
    const command = await classOf(id);
    const args = Object.values(command.args ?? {});
    const flags = Object.values(command.flags ?? {});
    if ([...args, ...flags].some(({ required }) => required === true)) {
      const done = await site.asbb(...id.split(':'));
      expect([done.code, isSentence(done)]).toEqual([2, true]);
      expect(done.stderr).toContain('Missing');
    } else {
      expect(command.summary).toBeDefined();
    }
  });

  it.each(COMMAND_IDS)('%s helps', async (id) => {
    const done = await site.asbb(...id.split(':'), '--help');
    expect(done.code).toBe(0);
    expect(done.stdout).toContain('EXAMPLES');
    expect(done.stdout.split('\n').filter((line) => line.includes('undefined'))).toEqual([]);
  });
});

/** Words of a command, the exit code, what the message says. */
const TABLE: readonly (readonly [line: string, code: number, message: string])[] = [
  ['account create --account a/b --name X --budget 1', 2, "VALIDATION_ERROR: 'a/b' is not a name"],
  ['account create --account x --name X --budget 1e3', 2, '--budget 1e3: not an amount'],
  ['account create --account x --name X --budget -1', 2, '--budget'],
  ['account create --account x --name X --budget 0', 2, 'a budget is between $0.01 and $1000000'],
  ['account create --account x --name X --budget 1.0000001', 2, 'at most 6 decimals'],
  ['account create --account x --name X', 2, '--budget is required'],
  ['account create --account x --name X --budget 1 --parent nobody', 3, "'nobody' not found"],
  ['account create --account ml-7 --name X --budget 1', 3, 'DUPLICATE_ACCOUNT'],
  ['account create --account x --name X --budget 1 --slurm-account ml-7', 3, 'DUPLICATE_ACCOUNT'],
  [
    'account create --account x --name X --budget 1 --incremental',
    2,
    'incremental budget requires',
  ],
  ['account create --account x --name X --budget 1 --grant N1', 3, "Grant 'N1' not found"],
  ['account list --status closed', 2, 'to be one of: active, inactive, suspended, expired'],
  ['account list --limit 0', 2, 'greater than or equal to 1'],
  ['account list --offset -1', 2, '--offset'],
  ['account show ml-8', 3, 'did you mean ml-7?'],
  ['account show', 2, 'set ASBB_ACCOUNT'],
  ['account show completely-different', 3, 'see asbb account list'],
  ['account update ml-7 --start 21.11.2026', 2, '--start 21.11.2026: not a date (use YYYY-MM-DD)'],
  ['account update ml-7 --end 2026-02-30', 2, '--end 2026-02-30: not a date (use YYYY-MM-DD)'],
  ['account update ml-7 --end 2025-01-01', 2, 'the end lies before the start'],
  ['account update ml-7 --status expired', 2, 'to be one of'],
  ['account update ml-7 --parent ml-7', 2, 'cannot be its own ancestor'],
  ['account update ml-7 --budget 9.99', 3, 'IN_USE'],
  ['account update ml-8 --budget 9.99', 3, 'did you mean ml-7?'],
  ['account deposit ml-7 --amount 0', 2, '--amount must be more than 0'],
  ['account deposit ml-7 --amount $5', 2, 'not an amount'],
  ['account deposit ml-7 --amount 1000000', 2, 'a budget is between'],
  ['account deposit ml-8 --amount 1', 3, 'NOT_FOUND'],
  ['account delete ml-7 --force', 3, 'IN_USE: account ml-7 has 1 open holds'],
  ['account delete ml-8', 3, 'NOT_FOUND'],
  ['account limit set ml-7 --partition a,b --limit 1', 2, 'is not a name of a partition'],
  ['account limit set ml-7 --partition aws --limit 9.99', 3, 'IN_USE'],
  ['account limit set ml-7 --partition aws --limit abc', 2, 'not an amount'],
  ['account limit remove ml-7 --partition gpu', 3, 'NOT_FOUND'],
  ['account limit list ml-8', 3, 'NOT_FOUND'],
  ['transactions list --type spend', 2, 'no such type'],
  ['transactions list --status open', 2, 'no such status'],
  ['transactions list --job x', 2, 'not a job id'],
  ['transactions list --last 3', 2, 'not a span'],
  ['transactions list --start soon', 2, '--start soon: not a date'],
  ['transactions list --end 2026-13-01', 2, '--end 2026-13-01: not a date'],
  ['transactions show txn_', 3, 'NOT_FOUND'],
  ['transactions show ../../etc/passwd', 3, 'NOT_FOUND'],
  ['account deposit ml-7 --amount 1 --key ä', 2, '--key has 1 to 100'],
];

describe('a wrong request', () => {
  it.each(TABLE)('%s: %i, %s', async (line, code, message) => {
    const before = fingerprint();
    const args = line.startsWith('account create') ? [...words(line), ...YEAR] : words(line);
    const text = await site.asbb(...args);
    expect([text.code, isSentence(text)]).toEqual([code, true]);
    expect(text.stderr).toContain(message);
    const json = await site.asbb(...args, '--json');
    expect(json.code).toBe(code);
    expect(codeIn(json)).toBe(text.stderr.split(': ')[1]);
    expect(fingerprint()).toBe(before);
  });

  it('shows control characters instead of obeying them', async () => {
    const done = await site.asbb('account', 'show', 'a\u001b[31m\nb');
    expect(done.stderr).toContain('a\\u001b[31m\\u000ab');
  });
});

describe('the same request twice', () => {
  it('is done once with a key, and refused when it is another under that key', async () => {
    const args = words('account deposit ml-7 --amount 1 --key once --json');
    const first = JSON.parse(await site.ok(...args));
    const second = JSON.parse(await site.ok(...args));
    expect([first.budget_limit, first.changed]).toEqual([second.budget_limit, true]);
    expect(second.changed).toBe(false);
    const other = await site.asbb(...words('account deposit ml-7 --amount 2 --key once'));
    expect([other.code, other.stderr]).toEqual([3, expect.stringContaining('KEY_REUSED')]);
  });

  it('without a key is done twice where it adds, and changes nothing where it sets', async () => {
    const before = await site.json(...words('account show ml-7'));
    await site.ok(...words('account deposit ml-7 --amount 1'));
    await site.ok(...words('account deposit ml-7 --amount 1'));
    expect(await site.json(...words('account show ml-7'))).toMatchObject({
      budget_limit: Number((before as { budget_limit: number }).budget_limit) + 2,
    });
    const sets = words('account limit set ml-7 --partition hpc --limit 3');
    await site.ok(...sets);
    const after = fingerprint();
    await site.ok(...sets);
    expect(fingerprint()).toBe(after);
  });

  it('leaves a trace of what was refused', async () => {
    const outcomes = 'SELECT COUNT(*) n FROM journal WHERE body LIKE \'%"outcome":"IN_USE"%\'';
    function count(): bigint {
      return BigInt(String(Object.values(site.raw(outcomes)[0] ?? {})[0]));
    }
    const before = count();
    await site.asbb(...words('account delete ml-7'));
    expect(count()).toBe(before + 1n);
  });
});

describe('where nothing can work', () => {
  const Reads = words('account list');

  it('a missing configuration file is a usage error', async () => {
    const done = await site.asbb(...Reads, '--config', '/nonexistent/asbb.yaml');
    expect([done.code, isSentence(done)]).toEqual([2, true]);
    expect(done.stderr).toContain('/nonexistent/asbb.yaml');
  });

  it('a wrong configuration is told line by line', async () => {
    const bare = bareSite();
    writeFileSync(bare.config, 'budgt: {}\nsite: { timezone: Nowhere }\n');
    const done = await bare.asbb(...Reads);
    bare.close();
    expect(done.code).toBe(2);
    expect(done.stderr).toContain('budgt');
    expect(done.stderr).not.toContain('    at ');
  });

  it('a ledger that is not there yet is 75, with the command that makes it', async () => {
    const bare = bareSite();
    const done = await bare.asbb(...Reads);
    bare.close();
    expect([done.code, isSentence(done)]).toEqual([75, true]);
    expect(done.stderr).toContain('asbb ledger migrate');
  });

  it('a file that is no ledger is not touched', async () => {
    const bare = bareSite();
    writeFileSync(join(bare.root, 'state', 'asbb.db'), 'not a database at all', { mode: 0o640 });
    const done = await bare.asbb(...Reads);
    bare.close();
    expect([1, 22]).toContain(done.code);
    expect(isSentence(done)).toBe(true);
  });

  it('a ledger that another process keeps is 75 after the wait', async () => {
    const busy = await cliSite({ lock_wait: { default: '50ms' } });
    const release = busy.block();
    const done = await busy.asbb(
      ...words('account create --account x --name X --budget 1'),
      ...YEAR,
    );
    release();
    busy.close();
    expect([done.code, isSentence(done)]).toEqual([75, true]);
  });
});
