import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EXIT, Fault } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import type {
  JournalHead,
  LedgerCare,
  LedgerInfo,
  MigrateReport,
  SumDifference,
  VerifyOptions,
  VerifyReport,
} from '../../ports/ledger-care.ts';
import type { Clock } from '../../ports/system.ts';
import { copyTo } from './backup.ts';
import { bytes, whole } from './cells.ts';
import { compareSums } from './compare-sums.ts';
import { syncPath } from './create.ts';
import { failWith, toFault } from './faults.ts';
import { markText } from './inspect.ts';
import { type Actor, appendJournal, bodyText } from './journal.ts';
import { migrateLedger } from './migrate.ts';
import {
  checkIdentity,
  type OpenLedger,
  openLedger,
  refuseLocked,
  SCHEMA_VERSION,
} from './open.ts';
import { headsFile, type LedgerPlace, lockedMark } from './place.ts';
import { rewriteSums } from './repair-sums.ts';
import { mustVerify, restoreFile, verifyFile } from './restore.ts';
import { toHex } from './sha256.ts';
import { Statements } from './statements.ts';
import { type VerifyContext, verifyDatabase } from './verify.ts';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
const MODE = 0o640;
const COUNTS = `SELECT (SELECT COUNT(*) FROM account) accounts,
  (SELECT COALESCE(MAX(seq),0) FROM txn) txns, (SELECT COALESCE(MAX(seq),0) FROM journal) rows,
  (SELECT COUNT(*) FROM hold WHERE state='open') holds`;
const NO_COUNTS = { accounts: 0n, txns: 0n, rows: 0n, holds: 0n };
const SAVED = /^ledger-(\d+)-\d{8}T\d{6}Z\.db$/u;
const HEAD = 'SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1';

export interface SqliteCareOptions {
  readonly place: LedgerPlace;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly actor: Actor;
}

function bytesOf(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** A file beside the ledger: mode 0640, never through a link, synced. */
function writeBeside(path: string, text: string, how: number): void {
  try {
    const fd = openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | how, MODE);
    try {
      fchmodSync(fd, MODE);
      writeSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    syncPath(dirname(path));
  } catch (error) {
    throw failWith(`cannot write ${path}`, error);
  }
}

function readHeads(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw failWith(`cannot read ${path}`, error);
  }
}

function headOf(sql: Statements): JournalHead | undefined {
  const row = sql.get(HEAD);
  return row && { seq: whole(row, 'seq'), hash: toHex(bytes(row, 'hash')) };
}

/** The ledger as a file; each call opens it and closes it again. */
export class SqliteLedgerCare implements LedgerCare {
  readonly #options: SqliteCareOptions;

  constructor(options: SqliteCareOptions) {
    this.#options = options;
  }

  async info(): Promise<LedgerInfo> {
    const { file } = this.#options.place;
    const lockedBecause = markText(lockedMark(file));
    return await this.#opened('migrate', ({ version }, sql) => {
      const counts = (version === 0 ? undefined : sql.get(COUNTS)) ?? NO_COUNTS;
      return {
        file,
        bytes: bytesOf(file),
        walBytes: bytesOf(`${file}-wal`),
        schemaVersion: version,
        programVersion: SCHEMA_VERSION,
        accounts: whole(counts, 'accounts'),
        transactions: whole(counts, 'txns'),
        journalRows: whole(counts, 'rows'),
        openHolds: whole(counts, 'holds'),
        head: version === 0 ? undefined : headOf(sql),
        isLocked: lockedBecause !== undefined,
        lockedBecause: lockedBecause ?? '',
      };
    });
  }

  async verify(options: VerifyOptions = {}): Promise<VerifyReport> {
    if (options.file !== undefined) {
      return await verifyFile(options.file, this.#context());
    }
    const heads = options.heads === undefined ? undefined : readHeads(options.heads);
    return await this.#reading(({ db }) =>
      verifyDatabase(db, { ...options, heads }, this.#context()),
    );
  }

  async migrate(): Promise<MigrateReport> {
    const { place, clock } = this.#options;
    const report = await migrateLedger(place, clock.nowUs());
    if (report.from < report.to) {
      await this.#tell('ledger migrate', { from: report.from, to: report.to });
    }
    return report;
  }

  async backup(target: string): Promise<number> {
    const { place } = this.#options;
    const size = await this.#opened('migrate', ({ db }) => copyTo(db, target, place));
    await this.#tell('ledger backup', { file: basename(target) });
    return size;
  }

  async restore(source: string): Promise<string> {
    const { place, clock } = this.#options;
    mustVerify(await verifyFile(source, this.#context()), source);
    const kept = restoreFile(source, place, clock.nowUs());
    await this.#tell('ledger restore', { file: basename(source), replaced: basename(kept) });
    return kept;
  }

  async check(depth: 'quick' | 'integrity'): Promise<string> {
    const { place } = this.#options;
    const found = await this.#reading((_, sql) => {
      const lines = sql.all(`PRAGMA ${depth}_check(5)`).flatMap((row) => Object.values(row));
      return lines.join('; ') === 'ok' ? '' : lines.join('; ');
    }).catch((error: unknown) => {
      if (error instanceof Fault && error.exitCode === EXIT.integrity) {
        return error.message; // not even readable
      }
      throw error;
    });
    if (found !== '') {
      writeBeside(lockedMark(place.file), `${depth}_check: ${found}\n`, O_TRUNC);
    }
    return found;
  }

  async unlock(): Promise<boolean> {
    const mark = lockedMark(this.#options.place.file);
    if (markText(mark) === undefined) {
      return false;
    }
    mustVerify(await this.verify(), 'the ledger');
    rmSync(mark);
    syncPath(dirname(mark));
    await this.#tell('ledger unlock', {});
    return true;
  }

  async head(): Promise<JournalHead | undefined> {
    return await this.#reading((_, sql) => headOf(sql));
  }

  async recordHead(): Promise<JournalHead | undefined> {
    const { place, clock } = this.#options;
    const head = await this.head();
    if (head !== undefined) {
      const at = new Date(Math.floor(clock.nowUs() / 1000)).toISOString();
      writeBeside(headsFile(place.file), `${head.seq} ${head.hash} ${at}\n`, O_APPEND);
    }
    return head;
  }

  async compareSums(account?: string): Promise<readonly SumDifference[]> {
    return await this.#reading((_, sql) => compareSums(sql, account));
  }

  // biome-ignore lint/suspicious/useAwait: the port is asynchronous for a ledger on a server.
  async savedBefore(version: number): Promise<readonly string[]> {
    const directory = dirname(this.#options.place.file);
    return readdirSync(directory)
      .filter((name) => Number(SAVED.exec(name)?.[1]) < version)
      .toSorted()
      .toReversed()
      .map((name) => join(directory, name));
  }

  async repairSums(): Promise<number> {
    const { clock, actor } = this.#options;
    const verb = 'account verify --repair';
    return await this.#writing((sql) => rewriteSums(sql, { actor, atUs: clock.nowUs(), verb }));
  }

  #context(): VerifyContext {
    const { place, clock } = this.#options;
    return { nowUs: clock.nowUs(), stateDirectory: place.stateDirectory };
  }

  /** The journal row of what an administrator did; a locked ledger is not written to. */
  async #tell(verb: string, args: Readonly<Record<string, Json>>): Promise<void> {
    const { place, clock, actor } = this.#options;
    if (markText(lockedMark(place.file)) !== undefined) {
      return;
    }
    await this.#writing((sql) => {
      const body = bodyText({ args, outcome: 'ok' });
      appendJournal(sql, actor, [{ atUs: clock.nowUs(), verb, txnSeq: null, body }]);
    });
  }

  async #writing<T>(write: (sql: Statements) => T): Promise<T> {
    const { place } = this.#options;
    return await this.#opened('write', (ledger, sql) => {
      refuseLocked(place.file);
      sql.exec('BEGIN IMMEDIATE');
      const written = write(sql);
      checkIdentity(ledger);
      sql.exec('COMMIT');
      return written;
    });
  }

  async #reading<T>(read: (ledger: OpenLedger, sql: Statements) => T | Promise<T>): Promise<T> {
    return await this.#opened('read', read);
  }

  async #opened<T>(
    mode: 'read' | 'write' | 'migrate',
    act: (ledger: OpenLedger, sql: Statements) => T | Promise<T>,
  ): Promise<T> {
    const ledger = openLedger(this.#options.place, mode);
    try {
      return await act(ledger, new Statements(ledger.db));
    } catch (error) {
      throw toFault(error);
    } finally {
      ledger.db.close();
    }
  }
}
