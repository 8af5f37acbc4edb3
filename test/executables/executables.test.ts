import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  asbb,
  EXECUTABLES,
  readySite,
  temporaryFolder,
  untilDecided,
  writeRequest,
} from '../support/executables.ts';
import { submitRequest } from '../support/submit-request.ts';

const HELD = /^asbb1 ok [0-9a-z]{26}\n$/u;
const NO_MONEY = /^asbb1 no policy asbb: this job needs up to \$.* \[INSUFFICIENT_BUDGET\]\n$/u;
const EXIT_CODES = [0, 1, 2, 3, 10, 22, 75];
const PERMISSIONS = 0o777;

describe.each(EXECUTABLES)('%s', (executable) => {
  it('decides on the fast lane, in one line, and nothing on stderr', () => {
    const site = readySite(executable);
    function hook(nodes: number): readonly [number | null, string, string] {
      const { status, stdout, stderr } = untilDecided(() => {
        const name = writeRequest(site.state, submitRequest(nodes));
        return asbb(executable, ['hook', 'submit', name], site);
      });
      return [status, stdout, stderr];
    }

    expect(hook(1)).toEqual([0, expect.stringMatching(HELD), '']);
    expect(readdirSync(join(site.state, 'submit'))).toEqual([]); // answered, so removed
    expect(hook(32)).toEqual([0, expect.stringMatching(HELD), '']);
    expect(hook(32).slice(1)).not.toEqual(hook(1).slice(1));
  });

  it('refuses what the account cannot pay, with the sentence that the user will read', () => {
    const site = readySite(executable);
    const request = { ...submitRequest(32), time_limit: 2880 };
    expect(site.submit(executable, request)).toMatch(NO_MONEY);
  });

  it('gives the files that it makes the same modes under any umask', () => {
    const site = readySite(executable);
    const script = 'umask 077; exec "$@"';
    const { status } = untilDecided(() => {
      const name = writeRequest(site.state, submitRequest(1));
      const words = ['-c', script, 'sh', executable, 'hook', 'submit', name];
      return spawnSync('/bin/sh', words, { env: site.env, cwd: '/', encoding: 'utf8' });
    });
    expect(status).toBe(0);
    expect(statSync(join(site.state, 'asbb.db')).mode & PERMISSIONS).toBe(0o640);
    expect(statSync(join(site.state, 'lib')).mode & PERMISSIONS).toBe(0o755);
  });

  it.each(['<&-', '>&-', '2>&-', '<&- >&- 2>&-'])('survives closed standard streams: %s', (how) => {
    const site = readySite(executable);
    const { status, stdout } = untilDecided(() => {
      const name = writeRequest(site.state, submitRequest(1));
      const script = `exec "$0" hook submit ${name} ${how}`;
      const run = { env: site.env, cwd: '/', encoding: 'utf8' } as const;
      return spawnSync('/bin/sh', ['-c', script, executable], run);
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(how.includes('>&- ') || how === '>&-' ? /^$/u : HELD);
    // Nobody could read the answer, but the hold stands under the name of the request.
    const held = asbb(executable, ['account', 'show', 'physics', '--json'], site);
    expect(held.status).toBe(0);
  });

  it('reads nothing from its environment or folder that would change it', () => {
    const site = readySite(executable);
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, '.env'), 'ASBB_DATABASE_DSN=/nowhere/asbb.db\n');
    writeFileSync(join(cwd, 'bunfig.toml'), 'preload = ["./evil.ts"]\n');
    const env = { ...site.env, NODE_OPTIONS: '--no-such-flag' };
    expect(site.submit(executable, submitRequest(1), { cwd, env })).toMatch(HELD);
  });

  it('writes into the journal who acted, without any variable that says so', () => {
    const site = readySite(executable); // which deposits with an empty environment
    const ledger = new Database(join(site.state, 'asbb.db'), { readonly: true });
    const actors = ledger.prepare('SELECT DISTINCT actor_uid, actor FROM journal').raw().all();
    ledger.close();
    expect(actors).toEqual([[userInfo().uid, userInfo().username]]);
  });

  it('has its commands inside', () => {
    const help = asbb(executable, ['--help']);
    expect([help.status, help.stdout]).toEqual([0, expect.stringContaining('account')]);
    const topic = asbb(executable, ['account', '--help']);
    expect(topic.stdout).toContain('account create');
    const unknown = asbb(executable, ['acount', 'list']);
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining('account list')]);
  });

  it('is SLURM only where a cluster is emulated', () => {
    const folder = temporaryFolder();
    for (const name of ['sacct', 'sbatch']) {
      symlinkSync(executable, join(folder, name));
    }
    mkdirSync(join(folder, 'etc'));
    writeFileSync(join(folder, 'etc/slurm.conf'), 'ClusterName=real\n');
    const env = { PATH: folder, SLURM_CONF: join(folder, 'etc/slurm.conf') };
    for (const [file, given] of [
      ['sacct', env],
      [join(folder, 'sbatch'), env],
      ['sacct', { PATH: folder }],
    ] as const) {
      const { status, stderr } = asbb(file, ['--json'], { env: given });
      expect([file, status, stderr]).toEqual([file, 1, 'asbb: not an emulated cluster\n']);
    }
  });

  it('ends each kind of mistake with one of our exit codes and a sentence', () => {
    const site = readySite(executable);
    const broken = join(site.root, 'broken.yaml');
    writeFileSync(broken, 'slurm:\n  partitons: []\n');
    for (const [args, env] of [
      [['account', 'show', 'nobody'], site.env],
      [['account', 'list', '--no-such-flag'], site.env],
      [['account', 'list'], { ASBB_CONFIG: broken }],
      [['account', 'list'], { ASBB_CONFIG: '/nowhere/config.yaml' }],
      [['ledger', 'nonsense'], site.env],
    ] as const) {
      const { status, stderr, stdout } = asbb(executable, args, { env });
      expect(EXIT_CODES.slice(1)).toContain(status);
      expect(`${stderr}${stdout}`).toMatch(/^Error: |Error: /u);
      expect(stderr).not.toMatch(/\n\s+at /u); // no stack
    }
  });

  it('opens one ledger from many processes at the same first moment', async () => {
    const site = readySite(executable);
    const all = Array.from({ length: 4 }, () =>
      spawn(executable, ['ledger', 'migrate'], { env: site.env, stdio: 'ignore' }),
    );
    const codes = await Promise.all(all.map((one) => once(one, 'exit')));
    expect(codes).toEqual(all.map(() => [0, null]));
  });

  it('does not trust a request file that somebody else could have written', () => {
    const site = readySite(executable);
    const name = writeRequest(site.state, submitRequest(1));
    chmodSync(join(site.state, 'submit', name), 0o666);
    const { status, stdout } = asbb(executable, ['hook', 'submit', name], site);
    expect(status).not.toBe(0);
    expect(stdout).not.toMatch(HELD);
  });
});
