import { assert, type Refused, refused } from '../../core/errors.ts';
import { canonical, type Json } from '../../core/json.ts';
import type { Answered, LedgerRequest } from '../../ports/ledger.ts';
import type { Segment } from './apply.ts';
import { bytes, text } from './cells.ts';
import { sha256 } from './sha256.ts';
import type { Statements } from './statements.ts';

const FIND = 'SELECT request_hash, answer FROM idem WHERE scope=? AND key=?';
const INSERT = 'INSERT INTO idem(scope,key,request_hash,txn_seq,answer) VALUES(?,?,?,?,?)';
const KEY_LENGTH_MAX = 200;
/** One of many transactions of another request: the answer to all of them stands under its key, if any. */
const PART = '';

export const IDEM_SQL: readonly string[] = [FIND, INSERT];

/** SHA-256 of the request in the form C: what it is and asks, without its key and time. */
export function requestHash(request: LedgerRequest): Uint8Array {
  return sha256(canonical({ args: request.args, verb: request.verb }));
}

/** The answer given before under this key; another request under it is refused; undefined: a new one. */
export function findAnswer<A extends Json>(
  sql: Statements,
  request: LedgerRequest,
  hash: Uint8Array,
): Answered<A> | Refused | undefined {
  const found = request.key === undefined ? undefined : sql.get(FIND, request.scope, request.key);
  if (found === undefined) {
    return;
  }
  const answer = text(found, 'answer');
  if (answer === PART || !Buffer.from(hash).equals(bytes(found, 'request_hash'))) {
    return refused('KEY_REUSED', 'this key was used before, for another request', {
      advice: 'repeat the first request unchanged, or take a new key',
      fields: { scope: request.scope, key: request.key ?? '' },
    });
  }
  // The text was written by this same function from an answer of type A.
  return { kind: 'answered', answer: JSON.parse(answer) as A, isRepeat: true };
}

interface Keyed {
  readonly scope?: string | undefined;
  readonly key: string;
  readonly seq: number | null;
}

/** One key a transaction: its own, the request's where it is alone, else `<key>#1`, `#2`, … */
function keysOf(key: string | undefined, segments: readonly Segment[]): readonly Keyed[] {
  const posts = segments.flatMap(({ txn }) => txn ?? []);
  const [first] = posts;
  const isAlone = posts.length === 1 && (first?.txn.key ?? key) === key;
  const keys = posts.map(({ txn, seq }, at): Keyed => {
    const own = txn.key ?? (isAlone ? key : key && `${key}#${at + 1}`);
    assert(own !== undefined, `a ${txn.kind} has no key`);
    return { key: own, scope: txn.scope, seq };
  });
  return key === undefined || isAlone ? keys : [...keys, { key, seq: null }];
}

export function storeAnswer(
  sql: Statements,
  request: LedgerRequest,
  hash: Uint8Array,
  done: { readonly segments: readonly Segment[]; readonly answer: Json },
): void {
  const answer = canonical(done.answer);
  const keys = keysOf(request.key, done.segments);
  for (const { key, scope, seq } of keys) {
    assert(key !== '' && key.length <= KEY_LENGTH_MAX, `a key has ${key.length} characters`);
    // Hundreds of allocations told under each of them would fill the disk.
    const told = keys.length === 1 || key === request.key ? answer : PART;
    sql.run(INSERT, scope ?? request.scope, key, hash, seq, told);
  }
}
