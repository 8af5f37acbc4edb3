import type Database from 'better-sqlite3';
import { toFault } from './faults.ts';
import { type OpenLedger, openLedger } from './open.ts';
import type { LedgerPlace } from './place.ts';
import { Statements } from './statements.ts';

export interface Reading {
  readonly db: Database.Database;
  readonly sql: Statements;
}

/** What lists, shows and reports read through: opened when first asked, one read transaction each. */
export class Reader {
  readonly #place: LedgerPlace;
  #ledger: OpenLedger | undefined;
  #sql: Statements | undefined;

  constructor(place: LedgerPlace) {
    this.#place = place;
  }

  // biome-ignore lint/suspicious/useAwait: the ports are asynchronous for a ledger on a server.
  async in<T>(read: (reading: Reading) => T): Promise<T> {
    try {
      this.#ledger ??= openLedger(this.#place, 'read');
      const { db } = this.#ledger;
      this.#sql ??= new Statements(db);
      db.exec('BEGIN');
      try {
        return read({ db, sql: this.#sql });
      } finally {
        db.exec('ROLLBACK');
      }
    } catch (error) {
      throw toFault(error);
    }
  }

  close(): void {
    this.#ledger?.db.close();
    this.#ledger = undefined;
    this.#sql = undefined;
  }
}
