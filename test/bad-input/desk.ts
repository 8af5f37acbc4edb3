import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Config } from '@oclif/core';
import Database from 'better-sqlite3';
import { ErrorBody } from '../../schema/output/common.ts';
import { embeddedPlugin, pjson } from '../../src/cli/embedded-plugin.ts';
import { type CliSite, cliSite, type Done } from '../support/cli.ts';
import { fillBooks, type Names } from './books.ts';

// One site with books, on which commands are asked thousands of wrong things. Their classes are run in
// this process, without what main.ts and oclif do before; process.test.ts types some to a real child.

/** A refusal as it was shown, or what was wrong with how it was shown. */
export interface Shown {
  readonly exit: number;
  readonly code: string;
  readonly details: string;
  readonly field: string | undefined;
  readonly faults: readonly string[];
  readonly stderr: string;
}

export interface Desk {
  readonly site: CliSite;
  readonly names: Names;
  ask(id: string, args: readonly string[]): Promise<Done>;
  /** With --json, and everything that any refusal must be looked at. */
  refusal(id: string, args: readonly string[]): Promise<Shown>;
  /** What the ledger holds but the journal, and the files of the site. */
  fingerprint(): string;
  close(): void;
}

type Write = typeof process.stdout.write;

const LINE = /^Error: [A-Z_]+: .+\n$/u;
const RAW = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const LINE_MAX = 2000;
/** A refused act leaves a row there, and nothing else (reliability.md 4.5). */
const JOURNAL = 'journal';

function collect(stream: NodeJS.WriteStream): { text(): string; restore(): void } {
  const original = stream.write;
  const parts: string[] = [];
  function write(chunk: string | Uint8Array): boolean {
    parts.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    return true;
  }
  stream.write = write as Write; // oclif and we pass one argument
  return {
    text: () => parts.join(''),
    restore: () => {
      stream.write = original;
    },
  };
}

async function run(config: Config, id: string, args: readonly string[]): Promise<Done> {
  const before = process.exitCode;
  const [out, err] = [collect(process.stdout), collect(process.stderr)];
  process.exitCode = 0;
  try {
    await config.runCommand(id, [...args]);
    return { code: Number(process.exitCode), stdout: out.text(), stderr: err.text() };
  } finally {
    out.restore();
    err.restore();
    process.exitCode = before;
  }
}

function faultsOf({ stdout, stderr }: Done): readonly string[] {
  const faults: string[] = [];
  const body = stdout === '' ? undefined : ErrorBody.safeParse(JSON.parse(stdout));
  if (body?.data === undefined) {
    faults.push(`stdout is no error body: ${stdout.slice(0, 100)}`);
  } else if ((body.data.error.details ?? '') === '') {
    faults.push('no advice');
  }
  if (!LINE.test(stderr)) {
    faults.push(`stderr is no one line: ${stderr.slice(0, 300)}`);
  }
  if (stderr.length > LINE_MAX || stdout.length > 2 * LINE_MAX) {
    faults.push(`${stderr.length} and ${stdout.length} characters`);
  }
  if (RAW.test(stderr.trimEnd())) {
    faults.push('control characters on stderr');
  }
  return faults;
}

function files(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.includes('asbb.db') && !name.includes('.log'))
    .toSorted();
}

/** Hash of all rows of all tables but the journal; cheap while no other connection has written. */
function watcher(file: string): { hash(): string; close(): void } {
  const db = new Database(file, { readonly: true });
  const version = db.prepare<[], number>('PRAGMA data_version').pluck();
  const tables = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type='table' AND sql IS NOT NULL")
    .pluck()
    .all()
    .filter((name) => name !== JOURNAL);
  const all = tables.map((name) => db.prepare(`SELECT * FROM ${name}`).raw().safeIntegers());
  let last: { readonly version: number; readonly hash: string } | undefined;
  return {
    hash: () => {
      const now = version.get() ?? 0;
      if (last?.version !== now) {
        const hash = createHash('sha256');
        for (const [at, statement] of all.entries()) {
          const rows = statement.all().map((row) => String(row));
          hash.update(`${tables[at]}\n${rows.toSorted().join('\n')}\n`);
        }
        last = { version: now, hash: hash.digest('hex') };
      }
      return last.hash;
    },
    close: () => db.close(),
  };
}

export async function openDesk(): Promise<Desk> {
  const site = await cliSite();
  const names = await fillBooks(site);
  // No SLURM: commands that ask it end at once.
  const text = readFileSync(site.config, 'utf8');
  writeFileSync(site.config, text.replace('bin_path: /usr/bin', `bin_path: ${site.root}/bin`));
  const plugin = await embeddedPlugin();
  const plugins = new Map([[plugin.name, plugin]]);
  const config = await Config.load({ root: '/', pjson, plugins });
  const file = join(site.root, 'state', 'asbb.db');
  const watch = watcher(file);
  const before = process.env['ASBB_CONFIG'];
  process.setMaxListeners(0); // each command that may start programs listens for the end of its own
  process.env['ASBB_CONFIG'] = site.config;
  async function ask(id: string, args: readonly string[]): Promise<Done> {
    return await run(config, id, args);
  }
  return {
    site,
    names,
    ask,
    refusal: async (id, args) => {
      const done = await ask(id, ['--json', ...args]);
      const faults = faultsOf(done);
      const error = faults.length > 0 ? undefined : ErrorBody.parse(JSON.parse(done.stdout)).error;
      return {
        exit: done.code,
        code: error?.code ?? done.stderr.split(': ')[1] ?? '',
        details: error?.details ?? '',
        field: error?.field,
        faults,
        stderr: done.stderr,
      };
    },
    fingerprint: () => [watch.hash(), existsSync(file), ...files(site.root)].join('\n'),
    close: () => {
      watch.close();
      process.env['ASBB_CONFIG'] = before ?? '';
      site.close();
    },
  };
}
