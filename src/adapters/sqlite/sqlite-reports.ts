import { and, desc, eq, inArray, ne, type SQL, sql } from 'drizzle-orm';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import { account, budget, cluster } from '../../../schema/tables/accounts.ts';

import { instance, intent } from '../../../schema/tables/fleet.ts';
import { award } from '../../../schema/tables/grants.ts';
import { hold } from '../../../schema/tables/holds.ts';
import type { MessageRow } from '../../core/alerts/rows.ts';
import { dayOf } from '../../core/grant/calendar.ts';
import type { FleetView } from '../../core/ledger/view.ts';
import { type Money, ZERO } from '../../core/money/money.ts';
import type { ScheduleSelector } from '../../core/schedule/view.ts';

import type {
  AccountFilter,
  AccountReport,
  AlertFilter,
  AlertReport,
  AllocationReport,
  DeadlineFilter,
  DeadlineReport,
  FleetFilter,
  GrantFilter,
  GrantReport,
  HoldFilter,
  HoldReport,
  Reports,
  ScheduleReport,
  TxnFilter,
  TxnReport,
} from '../../ports/reports.ts';
import { toFault } from './faults.ts';
import { type OpenLedger, openLedger } from './open.ts';
import type { LedgerPlace } from './place.ts';
import { alertReports, deadlineReports, messageRows } from './report-alerts.ts';
import { grantNumbers, grantReports } from './report-grants.ts';
import { instanceRow, intentRow } from './report-rows.ts';
import { allocatedTo, allocationReports, scheduledAccounts } from './report-schedules.ts';
import { holdReports, txnReports } from './report-txns.ts';
import { Statements } from './statements.ts';
import { listedFigures } from './view-account-list.ts';
import { figuresById } from './view-accounts.ts';
import { loadSchedules } from './view-schedules.ts';

const NO_LIMIT = Number.MAX_SAFE_INTEGER; // drizzle leaves a negative one out, and OFFSET stands alone
const PARTITION_NAMES =
  'SELECT partition FROM partition_balance UNION SELECT partition FROM partition_limit ORDER BY 1';

export interface SqliteReportsOptions {
  readonly place: LedgerPlace;
  readonly clusterName: string;
  /** `site.timezone`; absent: UTC. */
  readonly zone?: string;
}

interface Extras {
  readonly parents: ReadonlyMap<number, string>;
  readonly grants: ReadonlyMap<number, readonly string[]>;
  readonly scheduled: ReadonlyMap<number, number | undefined>;
  readonly allocated: ReadonlyMap<number, Money>;
}

/** What lists and shows read: drizzle, one read transaction each, loaded by commands only. */
export class SqliteReports implements Reports {
  readonly #options: SqliteReportsOptions;
  #ledger: OpenLedger | undefined;

  constructor(options: SqliteReportsOptions) {
    this.#options = options;
  }

  async accounts(filter: AccountFilter): Promise<readonly AccountReport[]> {
    return await this.#reading((db, ledger) => {
      const rows = db
        .select({ id: account.accountId, parentId: account.parentId })
        .from(account)
        .where(accountsWhere(filter))
        .orderBy(desc(account.createdUs), desc(account.accountId))
        .limit(filter.limit ?? NO_LIMIT)
        .offset(filter.offset ?? 0)
        .all();
      const statements = new Statements(ledger.db);
      const extras = extrasOf(
        db,
        statements,
        rows.map(({ id }) => id),
      );
      const schedules =
        filter.names === undefined ? [] : this.#schedules(statements, { accounts: filter.names });
      const isList = filter.names === undefined;
      const listed = isList
        ? listedFigures(
            statements,
            rows.map(({ id }) => id),
          )
        : undefined;
      return rows.map(({ id, parentId }) => ({
        figures: listed?.get(id) ?? figuresById(statements, id),
        parentName: parentId === null ? undefined : extras.parents.get(parentId),
        grantNumbers: extras.grants.get(id) ?? [],
        hasSchedule: extras.scheduled.has(id),
        nextAllocationDay: extras.scheduled.get(id),
        schedules: schedules.filter((each) => each.account.accountId === id),
        allocated: extras.allocated.get(id) ?? ZERO,
      }));
    });
  }

  async schedules(filter: ScheduleSelector): Promise<readonly ScheduleReport[]> {
    return await this.#reading((_, { db }) => this.#schedules(new Statements(db), filter));
  }

  #schedules(sql: Statements, filter: ScheduleSelector): readonly ScheduleReport[] {
    const { zone = 'UTC' } = this.#options;
    // Only decisions ask for what this day bounds.
    return loadSchedules(sql, filter, { today: 0, dayOf: (epochS) => dayOf(epochS, zone) });
  }

  async allocations(scheduleId: number): Promise<readonly AllocationReport[]> {
    return await this.#reading((_, { db }) => allocationReports(new Statements(db), scheduleId));
  }

  async partitionNames(): Promise<readonly string[]> {
    return await this.#reading((_, ledger) =>
      ledger.db.prepare<[], string>(PARTITION_NAMES).pluck().all(),
    );
  }

  async accountNames(): Promise<readonly string[]> {
    return await this.#reading((db) =>
      db
        .select({ name: account.name })
        .from(account)
        .orderBy(account.name)
        .all()
        .map(({ name }) => name),
    );
  }

  async grants(filter: GrantFilter): Promise<readonly GrantReport[]> {
    return await this.#reading((_, { db }) => grantReports(db, filter));
  }

  async grantNumbers(): Promise<readonly string[]> {
    return await this.#reading((_, { db }) => grantNumbers(db));
  }

  async txns(filter: TxnFilter): Promise<readonly TxnReport[]> {
    return await this.#reading((db) => txnReports(db, filter, this.#options.clusterName));
  }

  async holds({ states, accountName, limit }: HoldFilter): Promise<readonly HoldReport[]> {
    return await this.#reading((db) =>
      holdReports(
        db,
        and(
          inArray(hold.state, [...(states ?? (['open'] as const))]),
          accountName === undefined ? undefined : eq(account.name, accountName),
        ),
        limit ?? NO_LIMIT,
      ),
    );
  }

  async fleet({ closed, limit }: FleetFilter): Promise<FleetView> {
    return await this.#reading((db) => fleetOf(db, { closed, limit }, this.#options.clusterName));
  }

  async alerts(filter: AlertFilter): Promise<readonly AlertReport[]> {
    return await this.#reading((db) => alertReports(db, filter));
  }

  async messages(alertIds: readonly number[]): Promise<readonly MessageRow[]> {
    return await this.#reading((db) => messageRows(db, alertIds));
  }

  async deadlines(filter: DeadlineFilter): Promise<readonly DeadlineReport[]> {
    return await this.#reading((db) => deadlineReports(db, filter));
  }

  close(): void {
    this.#ledger?.db.close();
    this.#ledger = undefined;
  }

  // biome-ignore lint/suspicious/useAwait: the port is asynchronous for a ledger on a server.
  async #reading<T>(read: (db: BetterSQLite3Database, ledger: OpenLedger) => T): Promise<T> {
    try {
      this.#ledger ??= openLedger(this.#options.place, 'read');
      const ledger = this.#ledger;
      const client = ledger.db;
      client.exec('BEGIN');
      try {
        return read(drizzle({ client }), ledger);
      } finally {
        client.exec('ROLLBACK');
      }
    } catch (error) {
      throw toFault(error);
    }
  }
}

/** Who has an open budget on the grant. */
function onGrant(number: string): SQL {
  return sql`${account.accountId} IN (SELECT b.account_id FROM budget b JOIN award w USING(award_id)
    WHERE w.number=${number} AND b.closed=0)`;
}

function accountsWhere({ names, status, grant }: AccountFilter): SQL | undefined {
  return and(
    grant === undefined ? undefined : onGrant(grant),
    names && inArray(account.name, [...names]),
    status === undefined ? undefined : sql`${account.status} = ${status}`,
  );
}

function extrasOf(
  db: BetterSQLite3Database,
  statements: Statements,
  ids: readonly number[],
): Extras {
  const own = inArray(budget.accountId, [...ids]);
  const parents = db.select({ id: account.accountId, name: account.name }).from(account).all();
  const grants = db
    .select({ id: budget.accountId, number: award.number })
    .from(budget)
    .innerJoin(award, eq(award.awardId, budget.awardId))
    .where(own)
    .orderBy(budget.rank)
    .all();
  return {
    parents: new Map(parents.map(({ id, name }) => [id, name])),
    grants: new Map(
      [...Map.groupBy(grants, ({ id }) => id)].map(([id, rows]) => [
        id,
        rows.map(({ number }) => number),
      ]),
    ),
    scheduled: scheduledAccounts(statements),
    allocated: allocatedTo(statements),
  };
}

function fleetOf(
  db: BetterSQLite3Database,
  { closed, limit }: FleetFilter,
  clusterName: string,
): FleetView {
  const isHere = inArray(
    intent.clusterId,
    db.select({ id: cluster.clusterId }).from(cluster).where(eq(cluster.name, clusterName)),
  );
  const isOpen =
    closed === true ? undefined : inArray(intent.state, ['planned', 'sent', 'unknown']);
  const isLive = closed === true ? undefined : ne(instance.state, 'closed');
  const intents = db
    .select()
    .from(intent)
    .where(and(isHere, isOpen))
    .orderBy(desc(intent.intentId))
    .limit(limit ?? NO_LIMIT)
    .all();
  const instances = db
    .select({ row: instance })
    .from(instance)
    .innerJoin(intent, eq(intent.intentId, instance.intentId))
    .where(and(isHere, isLive))
    .orderBy(desc(intent.intentId), instance.node)
    .limit(limit ?? NO_LIMIT)
    .all();
  return {
    intents: intents.map(intentRow),
    instances: instances.map(({ row }) => instanceRow(row)),
    usage: [],
    shares: [],
  };
}
