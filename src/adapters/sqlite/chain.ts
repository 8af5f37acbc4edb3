import type Database from 'better-sqlite3';
import type { Json } from '../../core/json.ts';
import type { Cell, SqlRow } from './cells.ts';
import { bytes, text, whole, wholeOrNone } from './cells.ts';
import { type Image, Images } from './chain-images.ts';
import { hashOf } from './journal.ts';
import { RowTexts } from './row-text.ts';
import { NO_HASH, toHex } from './sha256.ts';

// I8: the chain of hashes, and that the rows are what the journal last said of them. Read backwards,
// so that the first image met of a row is its newest and one pass does both.

const ROWS = 'SELECT * FROM journal ORDER BY seq DESC';
const POSTINGS =
  'SELECT line, la_id, amount_micro, hold_id, partition FROM posting WHERE txn_seq=? ORDER BY line';
/** Columns in the order of a canonical text. */
const TXN =
  'SELECT cause,cluster_id,day,effective_s,hold_id,kind,over,parent,reverses FROM txn WHERE seq=?';

type Violation = readonly (string | null)[];
type Report = (violation: Violation) => void;

interface JournalBody {
  readonly postings?: Json;
  readonly rows?: Readonly<Record<string, readonly Image[]>>;
  readonly txn?: Json;
}

function parseBody(body: string): JournalBody | undefined {
  try {
    // Checked member by member against the rows below.
    return JSON.parse(body) as JournalBody;
  } catch {
    return;
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function checkHash(row: SqlRow, previous: Uint8Array, report: Report): void {
  const link = {
    seq: whole(row, 'seq'),
    atUs: whole(row, 'at_us'),
    uid: whole(row, 'actor_uid'),
    name: text(row, 'actor'),
    verb: text(row, 'verb'),
    txnSeq: wholeOrNone(row, 'txn_seq') ?? null,
    body: text(row, 'body'),
  };
  const stated = bytes(row, 'prev_hash');
  if (!isEqual(stated, previous)) {
    report([String(link.seq), 'prev_hash']);
  }
  if (!isEqual(hashOf(stated, link), bytes(row, 'hash'))) {
    report([String(link.seq), 'hash']);
  }
}

/** Every journal row with the hash of the one before it. */
function* backwards(db: Database.Database): Generator<[SqlRow, Uint8Array]> {
  let later: SqlRow | undefined;
  for (const row of db.prepare<[], SqlRow>(ROWS).iterate()) {
    if (later !== undefined) {
      yield [later, bytes(row, 'hash')];
    }
    later = row;
  }
  if (later !== undefined) {
    yield [later, NO_HASH];
  }
}

/** The postings and columns that the journal tells are those of the rows. */
class Transactions {
  readonly #postings: RowTexts;
  readonly #txns: RowTexts;

  constructor(db: Database.Database) {
    this.#postings = new RowTexts(db, POSTINGS);
    this.#txns = new RowTexts(db, TXN);
  }

  /** What differs; undefined when nothing does. */
  difference(txnSeq: number, body: JournalBody): string | undefined {
    if (this.#postings.lists(txnSeq) !== JSON.stringify(body.postings ?? [])) {
      return 'postings';
    }
    return this.#txns.object(txnSeq) === JSON.stringify(body.txn) ? undefined : 'txn';
  }
}

function meetAll(images: Images, seq: string, rows: JournalBody['rows'] = {}): void {
  for (const [table, list] of Object.entries(rows)) {
    for (const image of list.toReversed()) {
      images.meet(seq, table, image);
    }
  }
}

/** Calls `report` for each violation of I8. */
export function checkChain(db: Database.Database, report: Report): void {
  const images = new Images(db, report);
  const transactions = new Transactions(db);
  for (const [row, previous] of backwards(db)) {
    const seq = String(whole(row, 'seq'));
    checkHash(row, previous, report);
    const body = parseBody(text(row, 'body'));
    const txnSeq = wholeOrNone(row, 'txn_seq');
    const wrong =
      body !== undefined && txnSeq !== undefined
        ? transactions.difference(txnSeq, body)
        : undefined;
    if (body === undefined || wrong !== undefined) {
      report([seq, wrong ?? 'body', txnSeq === undefined ? null : String(txnSeq)]);
    }
    meetAll(images, seq, body?.rows);
  }
  images.finish(db);
}

const HEAD_LINE = /^(\d+) ([0-9a-f]{64})(?: |$)/u;

/** Heads recorded elsewhere that are not in the chain: its tail was cut, or it was made anew. */
export function checkHeads(db: Database.Database, heads: string, report: Report): void {
  const find = db.prepare<Cell[], SqlRow>('SELECT hash FROM journal WHERE seq=?');
  for (const line of heads.split('\n').filter((each) => each.trim() !== '')) {
    const [, seq = '', hash = ''] = HEAD_LINE.exec(line) ?? [];
    const row = seq === '' ? undefined : find.get(Number(seq));
    if (row === undefined || toHex(bytes(row, 'hash')) !== hash) {
      report([seq === '' ? line.slice(0, 80) : seq, 'head', hash]);
    }
  }
}
