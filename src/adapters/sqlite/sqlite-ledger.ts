import { lstatSync } from 'node:fs';
import { isRefused, type Refused } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import type { Query, View } from '../../core/ledger/view.ts';
import type { Answered, Choose, Ledger, LedgerRequest } from '../../ports/ledger.ts';
import type { Clock } from '../../ports/system.ts';
import { asksBudgetSide, loadBudgetSide } from './budget-side-later.ts';
import { inDoubt, toFault } from './faults.ts';
import { findAnswer, requestHash } from './idem.ts';
import type { Actor } from './journal.ts';
import { loadView, viewSql } from './load-view.ts';
import type { Moment } from './moment.ts';
import { checkIdentity, OldSchema, type OpenLedger, openLedger, refuseLocked } from './open.ts';
import type { LedgerPlace } from './place.ts';
import { Statements } from './statements.ts';
import { WRITE_SQL, writeDecision, writeRefusal } from './write.ts';
import { inImmediate } from './write-lock.ts';

const MICROS_PER_SECOND = 1_000_000;
/**
 * The last one to close a ledger copies the log into it and removes it: three of a hook's five fsyncs,
 * and the next hook pays for the other two more. A log that is left is read again by the next one, so
 * it must stay short: this is about ten holds, 0.3 ms to read.
 */
const LEFT_BYTES_MAX = 524_288;

export interface SqliteLedgerOptions {
  readonly place: LedgerPlace;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly actor: Actor;
  readonly clusterName: string;
  /** YYYYMMDD of epoch seconds in the site zone. */
  readonly dayOf: (epochS: number) => number;
  /** `grant_management.liquidation_days`; absent: the usual ones. */
  readonly liquidationDays?: number | undefined;
  /** Of submit and modify: the budget side is loaded when a query asks for it, else at once. */
  readonly isHot?: boolean;
}

interface Connection {
  readonly ledger: OpenLedger;
  readonly sql: Statements;
}

interface Asked<A extends Json> {
  readonly request: LedgerRequest;
  readonly hash: Uint8Array;
  readonly query: Query;
  readonly choose: Choose<A>;
}

/** `isChanged`: there is something to commit. */
interface Outcome<A extends Json> {
  readonly isChanged: boolean;
  readonly answer: Answered<A> | Refused;
}

/**
 * The books in one SQLite file, by plain prepared statements. The file is opened at the first call
 * and stays open until close(). After a failed COMMIT the connection is never used again.
 */
export class SqliteLedger implements Ledger {
  readonly #options: SqliteLedgerOptions;
  #connection: Connection | undefined;
  #opening: Promise<Connection> | undefined;
  #isInDoubt = false;

  constructor(options: SqliteLedgerOptions) {
    this.#options = options;
  }

  async decide<A extends Json>(
    request: LedgerRequest,
    query: Query,
    choose: Choose<A>,
  ): Promise<Answered<A> | Refused> {
    const connection = await this.#open(query);
    const { sql } = connection;
    const { file, lockWaitMs } = this.#options.place;
    const hash = this.#guarded(() => {
      refuseLocked(file);
      sql.warm([...viewSql(query), ...WRITE_SQL]);
      return requestHash(request);
    });
    const asked = { request, hash, query, choose };
    try {
      return await inImmediate({ sql, file, waitMs: lockWaitMs }, () =>
        this.#guarded(() => this.#decided(connection, asked)),
      );
    } catch (error) {
      throw toFault(error);
    }
  }

  #decided<A extends Json>(connection: Connection, asked: Asked<A>): Answered<A> | Refused {
    const { isChanged, answer } = this.#answer(connection.sql, asked);
    if (isChanged) {
      this.#commit(connection);
    } else {
      connection.sql.exec('ROLLBACK');
    }
    return answer;
  }

  async read(query: Query): Promise<View> {
    const { sql } = await this.#open(query);
    return this.#guarded(() => {
      sql.exec('BEGIN');
      const view = loadView(sql, query, this.#moment());
      sql.exec('COMMIT');
      return view;
    });
  }

  close(state?: 'exiting'): void {
    if (!(state === 'exiting' && this.#isLogShort())) {
      this.#connection?.ledger.db.close();
    }
    this.#connection = undefined;
    this.#opening = undefined;
  }

  #isLogShort(): boolean {
    const log = lstatSync(`${this.#options.place.file}-wal`, { throwIfNoEntry: false });
    return log !== undefined && log.size <= LEFT_BYTES_MAX;
  }

  async #open(query: Query): Promise<Connection> {
    if (this.#options.isHot !== true || asksBudgetSide(query)) {
      await loadBudgetSide();
    }
    if (this.#isInDoubt) {
      throw inDoubt('an earlier commit of this process failed');
    }
    // Two calls at once share one connection: closing a second one would drop the locks of the first.
    this.#opening ??= this.#connect();
    return this.#connection ?? (await this.#opening);
  }

  async #connect(): Promise<Connection> {
    try {
      const ledger = await openCurrent(this.#options.place, this.#options.clock.nowUs());
      this.#connection = { ledger, sql: new Statements(ledger.db) };
      return this.#connection;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  #moment(): Moment {
    const { clock, clusterName, liquidationDays, dayOf } = this.#options;
    const nowUs = clock.nowUs();
    const today = dayOf(Math.floor(nowUs / MICROS_PER_SECOND));
    return { nowUs, clusterName, liquidationDays, dayOf, today };
  }

  /** Inside the write transaction: the answer given before, or a new decision and all it writes. */
  #answer<A extends Json>(sql: Statements, asked: Asked<A>): Outcome<A> {
    const { request, hash, query, choose } = asked;
    const { actor } = this.#options;
    const moment = this.#moment();
    const earlier = findAnswer<A>(sql, request, hash);
    if (earlier !== undefined) {
      return isRefused(earlier)
        ? this.#refusal(sql, request, earlier, moment.nowUs)
        : { isChanged: false, answer: earlier };
    }
    const view = loadView(sql, query, moment);
    const decision = choose(view);
    if (isRefused(decision)) {
      return this.#refusal(sql, request, decision, moment.nowUs);
    }
    const isChanged = decision.changes.length > 0;
    if (isChanged) {
      writeDecision(sql, decision, view, { request, hash, actor });
    }
    return { isChanged, answer: { kind: 'answered', answer: decision.answer, isRepeat: false } };
  }

  #refusal(
    sql: Statements,
    request: LedgerRequest,
    refusal: Refused,
    atUs: number,
  ): Outcome<never> {
    const isChanged = request.audited === true;
    if (isChanged) {
      writeRefusal(sql, refusal, atUs, { request, actor: this.#options.actor });
    }
    return { isChanged, answer: refusal };
  }

  #commit({ ledger, sql }: Connection): void {
    checkIdentity(ledger);
    try {
      sql.exec('COMMIT');
      checkIdentity(ledger);
    } catch (error) {
      this.#isInDoubt = true;
      throw inDoubt(error);
    }
  }

  /** Nothing of a failed transaction stays; a connection that cannot even roll back is dropped. */
  #guarded<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (this.#isInDoubt || !rolledBack(this.#connection?.sql)) {
        this.close();
      }
      throw toFault(error);
    }
  }
}

function rolledBack(sql: Statements | undefined): boolean {
  try {
    if (sql?.inTransaction === true) {
      sql.exec('ROLLBACK');
    }
    return true;
  } catch {
    return false;
  }
}

/** With `auto_migrate`, an older schema is brought up to date first. */
async function openCurrent(place: LedgerPlace, nowUs: number): Promise<OpenLedger> {
  try {
    return openLedger(place, 'write');
  } catch (error) {
    if (!(place.autoMigrate && error instanceof OldSchema)) {
      throw error;
    }
    const { migrateLedger } = await import('./migrate.ts');
    await migrateLedger(place, nowUs);
    return openLedger(place, 'write');
  }
}
