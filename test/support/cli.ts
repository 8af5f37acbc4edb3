import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { SqliteLedger } from '../../src/adapters/sqlite/sqlite-ledger.ts';
import { runCommand } from '../../src/cli/run.ts';
import { assert } from '../../src/core/errors.ts';
import { dayOf } from '../../src/core/grant/calendar.ts';
import { temporaryPlace } from './place.ts';
import { configYaml } from './site-config.ts';

/** What a command did, run in this process. */
export interface Done {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliSite {
  readonly root: string;
  readonly config: string;
  asbb(...args: readonly string[]): Promise<Done>;
  /** Must end with 0; its stdout. */
  ok(...args: readonly string[]): Promise<string>;
  json(...args: readonly string[]): Promise<unknown>;
  /** A connection of the test's own, at the site's clock. */
  ledger(): SqliteLedger;
  /** Rows of a query, by a connection of its own. */
  raw(sql: string): readonly object[];
  /** Keeps the write lock as another process would, until the returned function is called. */
  block(): () => void;
  /** Moves the site's clock (it stands still otherwise). */
  forward(seconds: number): void;
  close(): void;
}

/** Keys of the section `database` that differ. */
interface DatabaseKeys {
  readonly lock_wait?: Readonly<Record<string, string>>;
}

/** 2026-11-21 12:00:00 UTC. */
const NOON_US = 1_795_262_400_000_000;
const MICROS = 1_000_000;

type Write = typeof process.stdout.write;

function collect(stream: NodeJS.WriteStream): { text(): string; restore(): void } {
  const original = stream.write;
  let text = '';
  function write(chunk: string | Uint8Array): boolean {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  }
  stream.write = write as Write; // oclif and we pass one argument
  return {
    text: () => text,
    restore: () => {
      stream.write = original;
    },
  };
}

/** As the executable would: what main.ts does with the words behind its name. */
async function inProcess(config: string, args: readonly string[]): Promise<Done> {
  const before = { code: process.exitCode, config: process.env['ASBB_CONFIG'] };
  const [out, err] = [collect(process.stdout), collect(process.stderr)];
  // oclif prints help through the console, which vitest has taken over.
  const log = vi.spyOn(console, 'log').mockImplementation((text) => {
    process.stdout.write(`${text}\n`);
  });
  process.exitCode = 0;
  process.env['ASBB_CONFIG'] = config;
  try {
    await runCommand(args);
    const code = Number(process.exitCode);
    return { code, stdout: out.text(), stderr: err.text() };
  } finally {
    log.mockRestore();
    out.restore();
    err.restore();
    process.exitCode = before.code;
    process.env['ASBB_CONFIG'] = before.config ?? '';
  }
}

/** A folder with a configuration, a clock that stands at noon, and no ledger yet. */
export function bareSite(changes: DatabaseKeys = {}): CliSite {
  const root = mkdtempSync(join(tmpdir(), 'asbb-cli-'));
  chmodSync(root, 0o750);
  const config = join(root, 'config.yaml');
  const clockFile = join(root, 'clock');
  const state = join(root, 'state');
  mkdirSync(state, { mode: 0o750 });
  const place = { ...temporaryPlace(state), lockWaitMs: 5000 };
  let nowUs = NOON_US;
  writeFileSync(clockFile, String(nowUs));
  const text = configYaml({
    root,
    slurmUser: userInfo().username,
    clusterName: 'hpc1',
    binPath: '/usr/bin',
    slurmConf: join(root, 'slurm.conf'),
    endpoint: 'http://127.0.0.1:9',
    clockFile,
  });
  const tree: { readonly database: object } = parse(text);
  const database = { ...tree.database, ...changes };
  writeFileSync(config, stringify({ ...tree, database }), { mode: 0o640 });
  const opened: SqliteLedger[] = [];

  async function asbb(...args: readonly string[]): Promise<Done> {
    return await inProcess(config, args);
  }
  async function ok(...args: readonly string[]): Promise<string> {
    const done = await asbb(...args);
    assert(done.code === 0, `asbb ${args.join(' ')}: ${done.code}\n${done.stdout}${done.stderr}`);
    return done.stdout;
  }
  return {
    root,
    config,
    asbb,
    ok,
    json: async (...args) => JSON.parse(await ok(...args, '--json')),
    ledger: () => {
      const made = new SqliteLedger({
        place,
        clock: { nowUs: () => nowUs },
        actor: { uid: process.getuid?.() ?? 0, name: 'test' },
        clusterName: 'hpc1',
        dayOf: (epochS) => dayOf(epochS, 'UTC'),
      });
      opened.push(made);
      return made;
    },
    raw: (sql) => {
      const db = new Database(place.file, { readonly: true });
      try {
        return db.prepare<[], object>(sql).safeIntegers().all();
      } finally {
        db.close();
      }
    },
    block: () => {
      const db = new Database(place.file);
      db.exec('BEGIN IMMEDIATE');
      return () => db.close();
    },
    forward: (seconds) => {
      nowUs += seconds * MICROS;
      writeFileSync(clockFile, String(nowUs));
    },
    close: () => {
      for (const each of opened) {
        each.close();
      }
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The same with an empty ledger. */
export async function cliSite(changes: DatabaseKeys = {}): Promise<CliSite> {
  const site = bareSite(changes);
  await site.ok('ledger', 'migrate');
  return site;
}
