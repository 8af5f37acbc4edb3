import type { AwardBooks, BooksQuery, CostTxn } from '../core/report/books.ts';
import type { JobFacts, RecoveryFacts } from '../core/report/use.ts';

/** What reports on a grant read, each in one read transaction (budget.md 8). */
export interface AwardReports {
  /** Sums that are kept with each posting: fast, however many transactions there are. */
  books(query: BooksQuery): Promise<AwardBooks>;
  /** Each transaction behind 10e and 11, by day, then by number. Reads the postings. */
  costs(query: BooksQuery): Promise<readonly CostTxn[]>;
  /** Jobs that were charged in the range, by user and partition. Reads the postings. */
  jobs(query: BooksQuery): Promise<readonly JobFacts[]>;
  /** What the whole centre charged in the range, and what its instances cost. */
  recovery(query: BooksQuery): Promise<RecoveryFacts>;
  close(): void;
}
