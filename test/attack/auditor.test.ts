import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliSite, cliSite, type Done } from '../support/cli.ts';

// Who may read the file, and who may not (reliability.md 4.1): a process of another user.

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

let site: CliSite;

beforeAll(async () => {
  site = await cliSite();
  const period = ['--start', '2026-01-01', '--end', '2027-12-31'];
  const name = ['--account', 'ml-7', '--name', 'ML'];
  await site.ok('account', 'create', ...name, '--budget', '100', ...period);
  chmodSync(site.root, 0o755);
  chmodSync(site.config, 0o644);
});

afterAll(() => {
  site.close();
});

function asNobody(words: readonly string[], environment: Readonly<Record<string, string>>): Done {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [resolve('src/main.ts'), ...words],
    {
      encoding: 'utf8',
      cwd: '/',
      uid: NOBODY,
      gid: NOBODY,
      env: { PATH: '/usr/bin:/bin', ASBB_CONFIG: site.config, ...environment },
    },
  );
  return { code: status ?? -1, stdout, stderr };
}

describe.skipIf(!isRoot)('a user with no rights to the ledger', () => {
  it.each(['account list', 'transactions export --format csv'])(
    '%s says whose it is, and how to read it',
    (line) => {
      const { code, stderr } = asNobody(line.split(' '), {});
      expect([code, stderr]).toEqual([1, expect.stringContaining('asbb ledger backup FILE')]);
    },
  );

  it.each([
    ...['ledger unlock --after-restore', 'ledger restore /etc/passwd', 'database rollback --force'],
    ...['transactions approve 1', 'ledger backup /tmp/x.db'],
  ])('%s is for administrators', (line) => {
    expect(asNobody(line.split(' '), {}).code).toBe(3);
  });

  it('an auditor reads a copy', async () => {
    const desk = join(site.root, 'desk');
    mkdirSync(desk, { mode: 0o700 });
    const copy = join(desk, 'copy.db');
    await site.ok('ledger', 'backup', copy);
    for (const path of [desk, copy]) {
      chownSync(path, NOBODY, NOBODY);
    }
    const environment = { ASBB_DATABASE_DSN: copy };
    const listed = asNobody(['account', 'list'], environment);
    expect([listed.code, listed.stdout]).toEqual([0, expect.stringContaining('ml-7')]);
    expect(asNobody(['ledger', 'verify'], environment).code).toBe(0);
    expect(asNobody(['account', 'deposit', 'ml-7', '--amount', '1'], environment).code).toBe(3);
  });
});
