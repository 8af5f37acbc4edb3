import type Database from 'better-sqlite3';
import { canonical, type Json } from '../../core/json.ts';
import type { Cell, SqlRow } from './cells.ts';
import { toJson } from './journal.ts';

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
]);

type Report = (violation: readonly (string | null)[]) => void;
type Lookup = Database.Statement<Cell[], SqlRow>;

export interface Image {
  readonly [column: string]: Json;
}

export function asJson(row: SqlRow | undefined): Json {
  return row === undefined
    ? null
    : Object.fromEntries(
        Object.entries(row).map(([column, cell]) => [column, toJson(column, cell)]),
      );
}

/** Compares images with rows as they come by, newest first. */
export class Images {
  readonly #seen = new Map<string, Set<string>>();
  readonly #lookups: ReadonlyMap<string, Lookup>;
  readonly #standing = new Map<string, number>();
  readonly #report: Report;

  constructor(db: Database.Database, report: Report) {
    this.#report = report;
    this.#lookups = new Map(
      [...IMAGED].map(([table, keys]) => [
        table,
        db.prepare<Cell[], SqlRow>(
          `SELECT * FROM ${table} WHERE ${keys.map((key) => `${key}=?`).join(' AND ')}`,
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
    const name = canonical(key);
    const seen = this.#seen.get(table) ?? new Set();
    if (!seen.has(name)) {
      seen.add(name);
      this.#seen.set(table, seen);
      this.#compare(seq, table, image, key as Cell[]); // keys are numbers and texts
    }
  }

  #compare(seq: string, table: string, image: Image, key: Cell[]): void {
    const row = this.#lookups.get(table)?.get(...key);
    if (row !== undefined) {
      this.#standing.set(table, (this.#standing.get(table) ?? 0) + 1);
    }
    // A row that is gone has an image of its key alone.
    const isGone = Object.entries(image).every(
      ([column, value]) => value === null || IMAGED.get(table)?.includes(column) === true,
    );
    if (row === undefined ? !isGone : canonical(asJson(row)) !== canonical(image)) {
      this.#report([seq, 'image', table, canonical(key as Json)]);
    }
  }

  /** Rows of which the journal never told. */
  finish(db: Database.Database): void {
    for (const table of IMAGED.keys()) {
      const count = Number(db.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get());
      const told = this.#standing.get(table) ?? 0;
      if (count !== told) {
        this.#report([null, 'rows without image', table, String(count - told)]);
      }
    }
  }
}
