import { and, desc, eq, inArray, ne, type SQL, sql } from 'drizzle-orm';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import { account, budget, cluster } from '../../../schema/tables/accounts.ts';

import { instance, intent } from '../../../schema/tables/fleet.ts';
import { award } from '../../../schema/tables/grants.ts';
import { hold } from '../../../schema/tables/holds.ts';
import type { MessageRow } from '../../core/alerts/rows.ts';
import { dayOf } from '../../core/grant/calendar.ts';
import type { Submission } from '../../core/ledger/submissions.ts';
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
  SubmissionFilter,
  TxnFilter,
  TxnReport,
} from '../../ports/reports.ts';
import type { LedgerPlace } from './place.ts';
import { Reader } from './reader.ts';
import { alertReports, deadlineReports, messageRows } from './report-alerts.ts';
import { grantNumbers, grantReports } from './report-grants.ts';
import { instanceRow, intentRow } from './report-rows.ts';
import { allocatedTo, allocationReports, scheduledAccounts } from './report-schedules.ts';
import { submissionRows } from './report-submissions.ts';
import { holdReports, txnReports } from './report-txns.ts';
import type { Statements } from './statements.ts';
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
  readonly #reader: Reader;

  constructor(options: SqliteReportsOptions) {
    this.#options = options;
    this.#reader = new Reader(options.place);
  }

  async accounts(filter: AccountFilter): Promise<readonly AccountReport[]> {
    return await this.#reader.in(({ db: client, sql: statements }) => {
      const db = drizzle({ client });
      const rows = db
        .select({ id: account.accountId, parentId: account.parentId })
        .from(account)
        .where(accountsWhere(filter))
        .orderBy(desc(account.createdUs), desc(account.accountId))
        .limit(filter.limit ?? NO_LIMIT)
        .offset(filter.offset ?? 0)
        .all();
      const ids = rows.map(({ id }) => id);
      const extras = extrasOf(db, statements, ids);
      const { names } = filter;
      const schedules = names === undefined ? [] : this.#schedules(statements, { accounts: names });
      const listed = names === undefined ? listedFigures(statements, ids) : undefined;
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
    return await this.#reader.in(({ sql: statements }) => this.#schedules(statements, filter));
  }

  #schedules(sql: Statements, filter: ScheduleSelector): readonly ScheduleReport[] {
    const { zone = 'UTC' } = this.#options;
    // Only decisions ask for what this day bounds.
    return loadSchedules(sql, filter, { today: 0, dayOf: (epochS) => dayOf(epochS, zone) });
  }

  async allocations(scheduleId: number): Promise<readonly AllocationReport[]> {
    return await this.#reader.in(({ sql: statements }) =>
      allocationReports(statements, scheduleId),
    );
  }

  async partitionNames(): Promise<readonly string[]> {
    return await this.#reader.in(({ db }) => db.prepare<[], string>(PARTITION_NAMES).pluck().all());
  }

  async accountNames(): Promise<readonly string[]> {
    return await this.#drizzled((db) =>
      db
        .select({ name: account.name })
        .from(account)
        .orderBy(account.name)
        .all()
        .map(({ name }) => name),
    );
  }

  async grants(filter: GrantFilter): Promise<readonly GrantReport[]> {
    return await this.#reader.in(({ db }) => grantReports(db, filter));
  }

  async grantNumbers(): Promise<readonly string[]> {
    return await this.#reader.in(({ db }) => grantNumbers(db));
  }

  async txns(filter: TxnFilter): Promise<readonly TxnReport[]> {
    return await this.#drizzled((db) => txnReports(db, filter, this.#options.clusterName));
  }

  async holds({ states, accountName, limit }: HoldFilter): Promise<readonly HoldReport[]> {
    return await this.#drizzled((db) =>
      holdReports(
        db,
        states === undefined
          ? openHolds(accountName)
          : and(
              inArray(hold.state, [...states]),
              accountName === undefined ? undefined : eq(account.name, accountName),
            ),
        limit ?? NO_LIMIT,
      ),
    );
  }

  async submissions(filter: SubmissionFilter): Promise<readonly Submission[]> {
    return await this.#reader.in(({ sql: statements }) => submissionRows(statements, filter));
  }

  async fleet({ closed, limit }: FleetFilter): Promise<FleetView> {
    return await this.#drizzled((db) => fleetOf(db, { closed, limit }, this.#options.clusterName));
  }

  async alerts(filter: AlertFilter): Promise<readonly AlertReport[]> {
    return await this.#drizzled((db) => alertReports(db, filter));
  }

  async messages(alertIds: readonly number[]): Promise<readonly MessageRow[]> {
    return await this.#drizzled((db) => messageRows(db, alertIds));
  }

  async deadlines(filter: DeadlineFilter): Promise<readonly DeadlineReport[]> {
    return await this.#drizzled((db) => deadlineReports(db, filter));
  }

  async #drizzled<T>(read: (db: BetterSQLite3Database) => T): Promise<T> {
    return await this.#reader.in(({ db: client }) => read(drizzle({ client })));
  }

  close(): void {
    this.#reader.close();
  }
}

/** By the partial indexes, which a bound state would not be seen to match. */
export function openHolds(accountName: string | undefined): SQL {
  return accountName === undefined
    ? sql`${hold.state}='open'`
    : sql`${hold.holdId} IN (SELECT h.hold_id FROM account n JOIN budget m USING(account_id)
        CROSS JOIN hold h ON h.budget_id=m.budget_id AND h.state='open' WHERE n.name=${accountName})`;
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
