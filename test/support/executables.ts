import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { configYaml } from './site-config.ts';
import { submitRequest } from './submit-request.ts';

const DIST = resolve(process.env['ASBB_DIST'] ?? 'dist');

/** Both builds, from the same bundle: whatever holds for one has to hold for the other. */
export const EXECUTABLES = ['asbb', 'asbb-node'].map((file) => join(DIST, file));

/** The addon as a package would install it, and the bundle that both executables contain. */
export const LIB = join(DIST, 'lib');
export const BUNDLE_INPUTS = join(DIST, 'asbb.meta.json');

export interface Setting {
  readonly env?: Record<string, string>;
  readonly uid?: number;
  readonly cwd?: string;
  readonly input?: string;
}

/** No PATH, no HOME, cwd /: as little as slurmctld gives. */
export function asbb(
  executable: string,
  args: readonly string[],
  { env = {}, uid, cwd = '/', input = '' }: Setting = {},
): SpawnSyncReturns<string> {
  const identity = uid === undefined ? {} : { uid, gid: uid };
  return spawnSync(executable, args, { env, input, cwd, encoding: 'utf8', ...identity });
}

const TRY_AGAIN = 75;
const ATTEMPTS = 5;

/**
 * Submits as a user who is told to repeat in a minute: after 1.8 s a hook decides nothing any more
 * (burst.md SL-7), and the disk of a test machine can stall for longer.
 */
export function untilDecided(submit: () => SpawnSyncReturns<string>): SpawnSyncReturns<string> {
  let answer = submit();
  for (let attempt = 1; attempt < ATTEMPTS && answer.status === TRY_AGAIN; attempt += 1) {
    answer = submit();
  }
  return answer;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'asbb-test-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A cluster's worth of files: configuration, ledger, one account with money. */
export interface Site {
  readonly root: string;
  readonly state: string;
  readonly env: Record<string, string>;
  /** Writes a request file as the shim does and runs `hook submit` on it. */
  submit(executable: string, request?: Record<string, unknown>, setting?: Setting): string;
}

let counter = 0;

export function writeRequest(state: string, request: Record<string, unknown>): string {
  counter += 1;
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  const name = `${seconds.padStart(8, '0')}${counter.toString(16).padStart(6, '0')}`;
  mkdirSync(join(state, 'submit'), { recursive: true, mode: 0o700 });
  writeFileSync(join(state, 'submit', name), `${JSON.stringify(request)}\n`, { mode: 0o600 });
  return name;
}

/** `executable` migrates the ledger and opens the account physics with $100. */
export function readySite(executable: string): Site {
  const root = temporaryFolder();
  const state = join(root, 'state');
  mkdirSync(state, { mode: 0o750 });
  const config = join(root, 'config.yaml');
  const yaml = configYaml({
    root,
    slurmUser: userInfo().username,
    clusterName: 'demo',
    binPath: join(root, 'bin'),
    slurmConf: '/nowhere/slurm.conf',
    endpoint: 'http://127.0.0.1:9',
  });
  writeFileSync(config, yaml, { mode: 0o644 });
  const env = { ASBB_CONFIG: config };
  const account = ['--account', 'physics', '--name', 'Physics', '--budget', '100'];
  const dates = ['--start', '2026-01-01', '--end', '2035-12-31'];
  for (const args of [
    ['ledger', 'migrate'],
    ['account', 'create', ...account, ...dates],
  ]) {
    const { status, stdout, stderr } = asbb(executable, args, { env });
    if (status !== 0) {
      throw new Error(`exit code ${status}: asbb ${args.join(' ')}\n${stdout}${stderr}`);
    }
  }
  return {
    root,
    state,
    env,
    submit: (by, request = submitRequest(1), setting = {}) => {
      const answer = untilDecided(() => {
        const name = writeRequest(state, request);
        return asbb(by, ['hook', 'submit', name], { env, ...setting });
      });
      return answer.stdout;
    },
  };
}
