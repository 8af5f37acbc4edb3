import { assert } from '../../core/errors.ts';
import type { Money } from '../../core/money/money.ts';
import type { Rate } from '../../core/money/rate.ts';
import { fromMicros, rateFromE10 } from '../../core/money/storage.ts';

/** What a column holds as the driver gives it: every integer is a bigint. */
export type Cell = bigint | number | string | Uint8Array | null;
export type SqlRow = Readonly<Record<string, Cell>>;

export function whole(row: SqlRow, column: string): number {
  const cell = row[column];
  assert(typeof cell === 'bigint', `${column} is no integer`);
  return Number(cell);
}

export function wholeOrNone(row: SqlRow, column: string): number | undefined {
  return row[column] === null ? undefined : whole(row, column);
}

export function micros(row: SqlRow, column: string): Money {
  const cell = row[column];
  assert(typeof cell === 'bigint', `${column} is no integer`);
  return fromMicros(cell);
}

export function rate(row: SqlRow, column: string): Rate {
  const cell = row[column];
  assert(typeof cell === 'bigint', `${column} is no integer`);
  return rateFromE10(cell);
}

export function text(row: SqlRow, column: string): string {
  const cell = row[column];
  assert(typeof cell === 'string', `${column} is no text`);
  return cell;
}

export function textOrNone(row: SqlRow, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

export function flag(row: SqlRow, column: string): boolean {
  return whole(row, column) !== 0;
}

export function bytes(row: SqlRow, column: string): Uint8Array {
  const cell = row[column];
  assert(cell instanceof Uint8Array, `${column} is no blob`);
  return cell;
}

/** For a CHECKed column: one of the words that the schema allows. */
export function word<W extends string>(row: SqlRow, column: string, words: readonly W[]): W {
  const cell = text(row, column);
  const found = words.find((known) => known === cell);
  assert(found !== undefined, `${column} holds ${cell}`);
  return found;
}
