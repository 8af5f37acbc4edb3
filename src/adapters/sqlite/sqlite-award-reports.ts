import { gravity } from '../../core/alerts/grade.ts';
import type { AlertRow } from '../../core/alerts/rows.ts';
import { plus, sum, ZERO } from '../../core/money/money.ts';
import type {
  AwardBooks,
  BooksQuery,
  BudgetCost,
  CostTxn,
  DayCost,
  OpenHold,
  RecipientCost,
} from '../../core/report/books.ts';
import type {
  Efficiency,
  JobFacts,
  NodeUse,
  Recovered,
  RecoveryFacts,
} from '../../core/report/use.ts';
import type { AwardReports, AwardThen } from '../../ports/award-books.ts';
import { alertTable } from './alert-tables.ts';
import {
  ALERT_IMAGES,
  ALERTS,
  AWARD_IMAGES,
  BY_BUDGET,
  BY_DAY,
  BY_SPAN,
  CHARGED_LATER,
  CHARGES,
  EFFICIENCY,
  EXTERNAL_DAYS,
  EXTERNALS,
  FA_ROWS,
  HELD,
  JOBS,
  LAST_BY,
  NODES,
  OPEN_HOLDS,
  RATE_IMAGES,
  RATES,
  RECIPIENTS,
  RECOVERED,
  SEGMENTS,
} from './award-books-sql.ts';
import { awardTable, faRateTable } from './award-tables.ts';
import {
  type Cell,
  micros,
  type SqlRow,
  text,
  textOrNone,
  whole,
  wholeOrNone,
  word,
} from './cells.ts';
import type { LedgerPlace } from './place.ts';
import { Reader, type Reading } from './reader.ts';

const COST_KINDS = ['charge', 'late', 'adjust'] as const;
const PAYERS = ['grant', 'awards', 'others', 'nobody'] as const;

const MICROS_PER_SECOND = 1_000_000;

type Database = Reading['db'];
type Names = Readonly<Record<string, Cell>>;
type Rows = (sql: string) => readonly SqlRow[];

/** What reports on a grant read: plain statements, so that sums stay sums in SQLite. */
export class SqliteAwardReports implements AwardReports {
  readonly #reader: Reader;

  constructor(place: LedgerPlace) {
    this.#reader = new Reader(place);
  }

  async books(query: BooksQuery): Promise<AwardBooks> {
    return await this.#asked(query, booksOf);
  }

  async costs(query: BooksQuery): Promise<readonly CostTxn[]> {
    return await this.#asked(query, costsOf);
  }

  async jobs(query: BooksQuery): Promise<readonly JobFacts[]> {
    return await this.#asked(query, (rows) => rows(JOBS).map(jobFacts));
  }

  async nodes(query: BooksQuery): Promise<readonly NodeUse[]> {
    return await this.#asked(query, (rows) =>
      rows(NODES).map((row) => ({ node: text(row, 'node'), seconds: whole(row, 'seconds') })),
    );
  }

  async efficiency(query: BooksQuery): Promise<Efficiency> {
    return await this.#asked(query, efficiencyOf);
  }

  async recovery(query: BooksQuery): Promise<RecoveryFacts> {
    return await this.#asked(query, recoveryOf);
  }

  async alerts(query: BooksQuery): Promise<readonly AlertRow[]> {
    return await this.#asked(query, (rows) => alertsThen(rows, query));
  }

  close(): void {
    this.#reader.close();
  }

  async awardAt(awardId: number, asOfUs: number): Promise<AwardThen> {
    return await this.#reader.in(({ db }) => awardThen(db, { award: awardId, asOf: asOfUs }));
  }

  async #asked<T>(query: BooksQuery, read: (rows: Rows, names: Names) => T): Promise<T> {
    return await this.#reader.in(({ db }) => {
      const names = namesOf(db, query);
      return read((sql) => db.prepare<[Names], SqlRow>(sql).all(names), names);
    });
  }
}

/** What a column of an image holds: money is text of micro-dollars there. */
function cellOf(column: string, value: unknown): Cell {
  if (typeof value === 'number') {
    return BigInt(value);
  }
  const isMoney = column.endsWith('_micro') && typeof value === 'string';
  return isMoney ? BigInt(value) : (value as Cell); // canonical JSON has no other kinds of value
}

/** As they are, unless one was changed since: then as the journal's images have them. */
function alertsThen(rows: Rows, { asOfUs, startS, endUs }: BooksQuery): readonly AlertRow[] {
  const now = rows(ALERTS).map(alertTable.row);
  const isChanged = now.some(({ updatedUs }) => updatedUs > asOfUs);
  const then = isChanged ? rows(ALERT_IMAGES).map(imageRow).map(alertTable.row) : now;
  const newest = new Map(then.map((row) => [row.alertId, row]));
  return [...newest.values()]
    .filter(
      ({ triggeredUs, resolvedUs = asOfUs }) =>
        triggeredUs <= Math.min(endUs, asOfUs) && resolvedUs >= startS * MICROS_PER_SECOND,
    )
    .toSorted(
      (a, b) =>
        gravity(b.severity) - gravity(a.severity) ||
        b.triggeredUs - a.triggeredUs ||
        b.alertId - a.alertId,
    );
}

function imageRow(row: SqlRow): SqlRow {
  const image = JSON.parse(text(row, 'image')) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(image).map(([name, value]) => [name, cellOf(name, value)]),
  );
}

function awardThen(db: Database, names: Names): AwardThen {
  function imagesOf(sql: string): readonly SqlRow[] {
    return db.prepare<[Names], SqlRow>(sql).all(names).map(imageRow);
  }
  const award = imagesOf(AWARD_IMAGES).at(-1);
  const rates = imagesOf(RATE_IMAGES).map(faRateTable.row);
  const newest = new Map(rates.map((rate) => [rate.rateId, rate]));
  return {
    award: award && awardTable.row(award),
    rates: [...newest.values()].toSorted((a, b) => a.fromDay - b.fromDay || a.rateId - b.rateId),
  };
}

/** The last transaction recorded by a moment; 0 before the first. */
function lastBy(db: Database, us: number): number {
  const row = db.prepare<[Names], SqlRow>(LAST_BY).get({ us });
  return row === undefined ? 0 : whole(row, 'seq');
}

function namesOf(db: Database, query: BooksQuery): Names {
  const seq = lastBy(db, query.asOfUs);
  return {
    award: query.awardId,
    seq,
    endSeq: query.endUs >= query.asOfUs ? seq : Math.min(seq, lastBy(db, query.endUs)),
    asOf: query.asOfUs,
    start: query.startDay,
    end: query.endDay,
    startS: query.startS,
    endS: Math.floor(query.endUs / MICROS_PER_SECOND),
    cuts: query.cuts === undefined ? null : JSON.stringify(query.cuts),
  };
}

function booksOf(rows: Rows, names: Names): AwardBooks {
  const open = rows(OPEN_HOLDS).map((row) => openHold(row, true));
  const charged = rows(CHARGED_LATER).map((row) => openHold(row, false));
  return {
    highestSeq: Number(names['seq']),
    days: rows(names['cuts'] === null ? BY_DAY : BY_SPAN).map((row) => ({
      ...dayCost(row),
      dayCount: whole(row, 'days'),
    })),
    externals: rows(EXTERNAL_DAYS).map(dayCost),
    budgets: rows(BY_BUDGET).map(budgetCost),
    recipient: recipientCost(rows(RECIPIENTS)[0] ?? {}),
    rates: rows(RATES).map((row) => ({
      rateId: whole(row, 'rate_id'),
      base: micros(row, 'base'),
      amount: micros(row, 'amount'),
      recipientFa: micros(row, 'recipient_fa'),
    })),
    holds: [...open, ...charged],
    held: micros(rows(HELD)[0] ?? {}, 'held'),
  };
}

function recipientCost(row: SqlRow): RecipientCost {
  return { recipient: micros(row, 'recipient'), recipientFa: micros(row, 'recipient_fa') };
}

function dayCost(row: SqlRow): DayCost {
  return { day: whole(row, 'day'), spent: micros(row, 'spent'), fa: micros(row, 'fa') };
}

function budgetCost(row: SqlRow): BudgetCost {
  return {
    budgetId: whole(row, 'budget_id'),
    accountName: text(row, 'name'),
    spent: micros(row, 'spent'),
    fa: micros(row, 'fa'),
    spentInRange: micros(row, 'range_spent'),
    faInRange: micros(row, 'range_fa'),
  };
}

function openHold(row: SqlRow, isOpen: boolean): OpenHold {
  return {
    holdId: whole(row, 'hold_id'),
    token: text(row, 'token'),
    openedSeq: whole(row, 'opened_seq'),
    openedDay: whole(row, 'opened_day'),
    budgetId: whole(row, 'budget_id'),
    accountName: text(row, 'name'),
    partition: text(row, 'partition'),
    userName: text(row, 'user_name'),
    jobId: wholeOrNone(row, 'job_id'),
    arrayTask: whole(row, 'array_task'),
    amount: micros(row, 'amount'),
    fa: micros(row, 'fa'),
    federalShareE4: whole(row, 'federal_share_e4'),
    isOpen,
  };
}

function costsOf(rows: Rows): readonly CostTxn[] {
  const rated = Map.groupBy(
    rows(FA_ROWS).map((row) => ({
      seq: whole(row, 'txn_seq'),
      rateId: whole(row, 'rate_id'),
      base: micros(row, 'base_micro'),
      amount: micros(row, 'amount_micro'),
    })),
    ({ seq }) => seq,
  );
  const charges = rows(CHARGES).map((row): CostTxn => {
    const seq = whole(row, 'seq');
    return {
      seq,
      kind: word(row, 'kind', COST_KINDS),
      cause: text(row, 'cause'),
      day: whole(row, 'day'),
      accountName: text(row, 'name'),
      partition: text(row, 'partition'),
      userName: textOrNone(row, 'user_name') ?? '',
      jobId: wholeOrNone(row, 'job_id'),
      arrayTask: wholeOrNone(row, 'array_task') ?? -1,
      holdId: wholeOrNone(row, 'hold_id'),
      direct: micros(row, 'direct'),
      fa: micros(row, 'fa'),
      recipient: micros(row, 'recipient'),
      recipientFa: micros(row, 'recipient_fa'),
      rates: rated.get(seq) ?? [],
    };
  });
  const externals = rows(EXTERNALS).map((row): CostTxn => {
    const seq = whole(row, 'seq');
    return {
      seq,
      kind: 'external',
      cause: text(row, 'cause'),
      day: whole(row, 'day'),
      accountName: '',
      partition: '',
      userName: '',
      arrayTask: -1,
      direct: micros(row, 'direct'),
      fa: micros(row, 'fa'),
      recipient: ZERO,
      recipientFa: ZERO,
      rates: rated.get(seq) ?? [],
    };
  });
  return [...charges, ...externals].toSorted((a, b) => a.day - b.day || a.seq - b.seq);
}

function jobFacts(row: SqlRow): JobFacts {
  return {
    userName: text(row, 'user_name'),
    partition: text(row, 'partition'),
    jobs: whole(row, 'jobs'),
    spent: micros(row, 'spent'),
    fa: micros(row, 'fa'),
    instanceSeconds: whole(row, 'seconds'),
  };
}

function mean(row: SqlRow, column: string): number | undefined {
  const cell = row[column];
  return typeof cell === 'number' ? Math.round(cell * 10_000) / 10_000 : undefined;
}

function efficiencyOf(rows: Rows): Efficiency {
  const [row = {}] = rows(EFFICIENCY);
  return {
    jobs: whole(row, 'jobs'),
    cpu: mean(row, 'cpu'),
    memory: mean(row, 'memory'),
    gpu: mean(row, 'gpu'),
  };
}

function recoveryOf(rows: Rows): RecoveryFacts {
  const charged = rows(RECOVERED).map((row) => ({
    who: word(row, 'who', PAYERS),
    amount: micros(row, 'charged'),
  }));
  const segments = rows(SEGMENTS).map((row) => ({
    who: word(row, 'who', PAYERS),
    amount: micros(row, 'amount'),
    seconds: whole(row, 'seconds'),
  }));
  function of(...who: readonly string[]): Recovered {
    return {
      charged: sum(charged.filter((row) => who.includes(row.who)).map(({ amount }) => amount)),
      forInstances: sum(segments.filter((row) => who.includes(row.who)).map((row) => row.amount)),
      instanceSeconds: segments
        .filter((row) => who.includes(row.who))
        .reduce((total, { seconds }) => total + seconds, 0),
    };
  }
  return {
    grant: of('grant'),
    awards: of('grant', 'awards'),
    others: of('others'),
    cost: segments.reduce((total, { amount }) => plus(total, amount), ZERO),
    unpaid: sum(segments.filter(({ who }) => who === 'nobody').map(({ amount }) => amount)),
    instanceSeconds: segments.reduce((total, { seconds }) => total + seconds, 0),
  };
}
