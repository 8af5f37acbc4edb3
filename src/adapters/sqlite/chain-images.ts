import type Database from 'better-sqlite3';
import { canonical, type Json } from '../../core/json.ts';
import type { Cell } from './cells.ts';
import { toJson } from './journal.ts';
import { RowTexts } from './row-text.ts';

/** Tables whose every change leaves an image, with their primary keys. */
const IMAGED: ReadonlyMap<string, readonly string[]> = new Map([
  ['award', ['award_id']],
  ['fa_rate', ['rate_id']],
  ['account', ['account_id']],
  ['slurm_name', ['name', 'cluster_id']],
  ['budget', ['budget_id']],
  ['partition_limit', ['account_id', 'partition']],
  ['schedule', ['schedule_id']],
  ['hold', ['hold_id']],
  ['alert', ['alert_id']],
  ['deadline', ['deadline_id']],
]);

type Report = (violation: readonly (string | null)[]) => void;

export interface Image {
  readonly [column: string]: Json;
}

/** In the order of a canonical text. */
function columnsOf(db: Database.Database, table: string): string {
  const names = db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck();
  return names.all(table).toSorted().join();
}

/** What an added column holds in the rows that were there before it, as an image writes it. */
function defaultsOf(db: Database.Database, table: string): Readonly<Record<string, Json>> {
  const columns = db
    .prepare<[string], { name: string; value: Cell }>(
      'SELECT name, dflt_value value FROM pragma_table_info(?) WHERE pk=0',
    )
    .all(table);
  return Object.fromEntries(
    columns.map(({ name, value }) => {
      // The text of a literal: SQLite itself reads it.
      const literal: unknown =
        value === null
          ? null
          : db
              .prepare<[], Cell>(`SELECT ${String(value)}`)
              .pluck()
              .get();
      return [name, toJson(name, literal as Cell)];
    }),
  );
}

/** A row that is gone has an image of its key alone. */
function isGone(table: string, image: Image): boolean {
  return Object.entries(image).every(
    ([column, value]) => value === null || IMAGED.get(table)?.includes(column) === true,
  );
}

/** Compares images with rows as they come by, newest first. */
export class Images {
  readonly #seen = new Map<string, Set<string>>();
  readonly #lookups: ReadonlyMap<string, RowTexts>;
  readonly #standing = new Map<string, number>();
  readonly #report: Report;
  readonly #defaults: ReadonlyMap<string, Readonly<Record<string, Json>>>;

  constructor(db: Database.Database, report: Report) {
    this.#report = report;
    // A ledger that is about to be migrated lacks the newer tables.
    const tables = [...IMAGED].filter(([table]) => columnsOf(db, table) !== '');
    this.#defaults = new Map(tables.map(([table]) => [table, defaultsOf(db, table)]));
    this.#lookups = new Map(
      tables.map(([table, keys]) => [
        table,
        new RowTexts(
          db,
          `SELECT ${columnsOf(db, table)} FROM ${table} WHERE ${keys.map((key) => `${key}=?`).join(' AND ')}`,
        ),
      ]),
    );
  }

  meet(seq: string, table: string, image: Image): void {
    const keys = IMAGED.get(table);
    if (keys === undefined) {
      this.#report([seq, 'image', table]);
      return;
    }
    const key = keys.map((column) => image[column] ?? null);
    const name = JSON.stringify(key);
    const seen = this.#seen.get(table) ?? new Set();
    if (!seen.has(name)) {
      seen.add(name);
      this.#seen.set(table, seen);
      this.#compare(seq, table, image, key as Cell[]); // keys are numbers and texts
    }
  }

  #compare(seq: string, table: string, image: Image, key: Cell[]): void {
    const row = this.#lookups.get(table)?.object(...key);
    if (row !== undefined) {
      this.#standing.set(table, (this.#standing.get(table) ?? 0) + 1);
    }
    // The image comes out of a canonical text: its members are in order.
    if (row === undefined ? !isGone(table, image) : !this.#isSame(table, row, image)) {
      this.#report([seq, 'image', table, JSON.stringify(key)]);
    }
  }

  /** An image from before a migration lacks the new columns: the row has their defaults then. */
  #isSame(table: string, row: string, image: Image): boolean {
    if (row === JSON.stringify(image)) {
      return true;
    }
    const defaults = this.#defaults.get(table) ?? {};
    const added = Object.entries(defaults).filter(([column]) => !Object.hasOwn(image, column));
    return added.length > 0 && row === canonical({ ...image, ...Object.fromEntries(added) });
  }

  /** Rows of which the journal never told. */
  finish(db: Database.Database): void {
    for (const table of this.#lookups.keys()) {
      const count = Number(db.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get());
      const told = this.#standing.get(table) ?? 0;
      if (count !== told) {
        this.#report([null, 'rows without image', table, String(count - told)]);
      }
    }
  }
}
