import type { Json } from '../../core/json.ts';
import { canonical } from '../../core/json.ts';
import { bytes, type Cell, whole } from './cells.ts';
import type { Posted } from './post.ts';
import { NO_HASH, sha256 } from './sha256.ts';
import type { Statements } from './statements.ts';

const HEAD = 'SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1';
const INSERT = `INSERT INTO journal(seq,at_us,actor_uid,actor,verb,txn_seq,body,prev_hash,hash)
  VALUES(?,?,?,?,?,?,?,?,?)`;

export const JOURNAL_SQL: readonly string[] = [HEAD, INSERT];

/** Who asks: the real uid, and whom it claims to be (reliability.md 4.1). */
export interface Actor {
  readonly uid: number;
  readonly name: string;
}

export interface Entry {
  readonly atUs: number;
  readonly verb: string;
  readonly txnSeq: number | null;
  /** A text in the form C. */
  readonly body: string;
}

/** What one journal row tells; keys that have nothing are left out (reliability.md I8). */
export interface Body {
  readonly args?: Json;
  readonly outcome: string;
  readonly postings?: readonly Posted[];
  readonly rows?: Readonly<Record<string, readonly Json[]>>;
  readonly txn?: Readonly<Record<string, Json>>;
}

/** A cell as the journal writes it: money as decimal text, other integers as numbers. */
export function toJson(column: string, cell: Cell): Json {
  if (typeof cell === 'bigint') {
    return column.endsWith('_micro') ? String(cell) : Number(cell);
  }
  if (typeof cell === 'string') {
    return cell.toWellFormed(); // as SQLite stores it
  }
  return cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : cell;
}

export function imageOf(columns: readonly string[], cells: readonly Cell[]): Json {
  const image: Record<string, Json> = {};
  for (const [at, column] of columns.entries()) {
    image[column] = toJson(column, cells[at] ?? null);
  }
  return image;
}

export function bodyText({ args, outcome, postings, rows, txn }: Body): string {
  return canonical({
    outcome,
    ...(args !== undefined && { args }),
    ...(postings && {
      postings: postings.map(([line, laId, amount, holdId, partition]) => [
        ...[line, laId, String(amount), holdId, partition],
      ]),
    }),
    ...(rows && Object.keys(rows).length > 0 && { rows }),
    ...(txn && { txn }),
  });
}

export interface Link extends Entry, Actor {
  readonly seq: number;
}

export function hashOf(previous: Uint8Array, link: Link): Uint8Array {
  const { seq, atUs, uid, name, verb, txnSeq, body } = link;
  // A list of numbers and texts: JSON.stringify writes it in the form C.
  return sha256(previous, JSON.stringify([seq, atUs, uid, name, verb, txnSeq, body]));
}

/** Appends rows to the chain. */
export function appendJournal(sql: Statements, actor: Actor, entries: readonly Entry[]): void {
  const head = sql.get(HEAD);
  let seq = head === undefined ? 0 : whole(head, 'seq');
  let previous = head === undefined ? NO_HASH : bytes(head, 'hash');
  for (const entry of entries) {
    seq += 1;
    const hash = hashOf(previous, { ...actor, ...entry, seq });
    sql.run(
      INSERT,
      ...[seq, entry.atUs, actor.uid, actor.name, entry.verb, entry.txnSeq, entry.body],
      ...[previous, hash],
    );
    previous = hash;
  }
}
