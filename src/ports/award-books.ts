import type { AlertRow } from '../core/alerts/rows.ts';
import type { AwardRow, FaRateRow } from '../core/grant/rows.ts';
import type { AwardBooks, BooksQuery, CostTxn } from '../core/report/books.ts';
import type { Efficiency, JobFacts, NodeUse, RecoveryFacts } from '../core/report/use.ts';

/** A grant as the journal's images have it at an earlier moment. */
export interface AwardThen {
  /** Undefined: it was not entered yet. */
  readonly award: AwardRow | undefined;
  /** Standing and replaced, by day. */
  readonly rates: readonly FaRateRow[];
}

/** What reports on a grant read, each in one read transaction (budget.md 8). */
export interface AwardReports {
  /** Sums that are kept with each posting: fast, however many transactions there are. */
  books(query: BooksQuery): Promise<AwardBooks>;
  /** Each transaction behind 10e and 11, by day, then by number. Reads the postings. */
  costs(query: BooksQuery): Promise<readonly CostTxn[]>;
  /** Jobs that were charged in the range, by user and partition. Reads the postings. */
  jobs(query: BooksQuery): Promise<readonly JobFacts[]>;
  /** Instance time of the range by node. */
  nodes(query: BooksQuery): Promise<readonly NodeUse[]>;
  efficiency(query: BooksQuery): Promise<Efficiency>;
  /** What the whole centre charged in the range, and what its instances cost. */
  recovery(query: BooksQuery): Promise<RecoveryFacts>;
  /** That stood in the range, of the grant or an account on it, as they were at the as-of; gravest first. */
  alerts(query: BooksQuery): Promise<readonly AlertRow[]>;
  /** Reads the journal: for grants that were changed since. */
  awardAt(awardId: number, asOfUs: number): Promise<AwardThen>;
  close(): void;
}
