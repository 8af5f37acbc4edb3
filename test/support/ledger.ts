import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { migrateLedger } from '../../src/adapters/sqlite/migrate.ts';
import { openLedger } from '../../src/adapters/sqlite/open.ts';
import type { LedgerPlace } from '../../src/adapters/sqlite/place.ts';
import { SqliteLedger } from '../../src/adapters/sqlite/sqlite-ledger.ts';
import { failuresOf, verifyDatabase } from '../../src/adapters/sqlite/verify.ts';
import { assert } from '../../src/core/errors.ts';
import { dayOf } from '../../src/core/grant/calendar.ts';
import type { CheckResult, VerifyReport } from '../../src/ports/ledger-care.ts';
import { usd } from './dollars.ts';
import { temporaryPlace } from './place.ts';
import { seedAccount } from './seed-account.ts';

export { seedAccount, temporaryPlace, usd };

export const TEST_CLUSTER = 'hpc1';
/** 2026-11-21 12:00:00 UTC. */
const NOON_S = 1_795_262_400;
const MICROS = 1_000_000;

/** A clock that tests turn. */
export class TestClock {
  #nowUs = NOON_S * MICROS;

  nowUs(): number {
    return this.#nowUs;
  }

  forward(seconds: number): void {
    this.#nowUs += seconds * MICROS;
  }
}

export interface TemporaryLedgerOptions {
  readonly clusterName?: string;
  readonly zone?: string;
  readonly lockWaitMs?: number;
  /** Where the tear-down is registered: afterAll for a ledger that a whole file shares. */
  readonly atEnd?: (act: () => Promise<void>) => void;
}

export interface TemporaryLedger {
  readonly directory: string;
  readonly place: LedgerPlace;
  readonly clock: TestClock;
  readonly ledger: SqliteLedger;
  /** A second connection as another process would have it; closed at the end. */
  open(options?: { readonly clusterName?: string; readonly lockWaitMs?: number }): SqliteLedger;
  /** A bare connection for raw SQL; closed at the end. Close it before the file is replaced. */
  raw(): Database.Database;
  verify(): Promise<VerifyReport>;
  /** The predicates that do not hold, by id. */
  broken(): Promise<readonly string[]>;
  /** For tests that break the books: the tear-down then looks at nothing. */
  mayBeBroken(): void;
}

function without(report: VerifyReport, id: string): readonly CheckResult[] {
  return failuresOf(report).filter((check) => check.id !== id);
}

/** A migrated ledger in a folder of its own. When the test ends I1–I19 must hold, or it fails. */
export async function temporaryLedger(
  options: TemporaryLedgerOptions = {},
): Promise<TemporaryLedger> {
  const { clusterName = TEST_CLUSTER, zone = 'UTC', lockWaitMs, atEnd = onTestFinished } = options;
  const directory = mkdtempSync(join(tmpdir(), 'asbb-ledger-'));
  chmodSync(directory, 0o750);
  const place: LedgerPlace = {
    ...temporaryPlace(directory),
    ...(lockWaitMs !== undefined && { lockWaitMs }),
  };
  const clock = new TestClock();
  await migrateLedger(place, clock.nowUs());
  const closing: { close(): void }[] = [];
  let isBroken = false;

  function open(other: { clusterName?: string; lockWaitMs?: number } = {}): SqliteLedger {
    const made = new SqliteLedger({
      place: { ...place, lockWaitMs: other.lockWaitMs ?? place.lockWaitMs },
      clock,
      actor: { uid: process.getuid?.() ?? 0, name: 'test' },
      clusterName: other.clusterName ?? clusterName,
      dayOf: (epochS) => dayOf(epochS, zone),
    });
    closing.push(made);
    return made;
  }

  async function verify(): Promise<VerifyReport> {
    const { db } = openLedger(place, 'read');
    try {
      return await verifyDatabase(db, {}, { nowUs: clock.nowUs(), stateDirectory: directory });
    } finally {
      db.close();
    }
  }

  const ledger = open();
  atEnd(async () => {
    for (const each of closing) {
      each.close();
    }
    try {
      if (!isBroken) {
        const failures = without(await verify(), 'I20');
        assert(failures.length === 0, `the books do not verify: ${JSON.stringify(failures)}`);
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  return {
    directory,
    place,
    clock,
    ledger,
    open,
    raw: () => {
      const db = new Database(place.file);
      db.defaultSafeIntegers(true);
      closing.push(db);
      return db;
    },
    verify,
    broken: async () => failuresOf(await verify()).map(({ id }) => id),
    mayBeBroken: () => {
      isBroken = true;
    },
  };
}
