import { assert, type Refused } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import type { Change, Decision, Txn } from '../../core/ledger/change.ts';
import type { View } from '../../core/ledger/view.ts';
import type { LedgerRequest } from '../../ports/ledger.ts';
import { APPLY_SQL, applyChanges, type Segment } from './apply.ts';
import { IDEM_SQL, storeAnswer } from './idem.ts';
import { type Actor, appendJournal, bodyText, type Entry, JOURNAL_SQL } from './journal.ts';
import { POST_SQL } from './post.ts';
import type { Statements } from './statements.ts';

/** What nearly every decision runs; compiled before the write lock is taken. */
export const WRITE_SQL: readonly string[] = [
  ...[...APPLY_SQL, ...POST_SQL, ...IDEM_SQL, ...JOURNAL_SQL],
];

export interface Written {
  readonly request: LedgerRequest;
  readonly hash: Uint8Array;
  readonly actor: Actor;
}

function txnImage(txn: Txn): Readonly<Record<string, Json>> {
  return {
    cause: txn.cause ?? '',
    cluster_id: txn.clusterId ?? null,
    day: txn.day,
    effective_s: txn.effectiveS,
    hold_id: txn.holdId ?? null,
    kind: txn.kind,
    over: txn.over ?? 0,
    parent: txn.parent ?? null,
    reverses: txn.reverses ?? null,
  };
}

function entryOf(segment: Segment, request: LedgerRequest, atUs: number): Entry {
  const { txn, rows } = segment;
  return {
    atUs,
    verb: request.verb,
    txnSeq: txn?.seq ?? null,
    body: bodyText({
      args: request.args,
      outcome: 'ok',
      rows,
      ...(txn && { postings: txn.posted, txn: txnImage(txn.txn) }),
    }),
  };
}

/** Notes are no part of the books: they alone leave no journal row. */
function isNote(change: Change): boolean {
  return change.change === 'putNote';
}

/** Everything that a decision does, inside the caller's transaction. */
export function writeDecision(
  sql: Statements,
  decision: Decision,
  view: View,
  { request, hash, actor }: Written,
): void {
  const segments = applyChanges(sql, decision.changes, view);
  storeAnswer(sql, request, hash, { segments, answer: decision.answer });
  if (!decision.changes.every(isNote) || request.key !== undefined) {
    appendJournal(
      sql,
      actor,
      segments.map((segment) => entryOf(segment, request, view.nowUs)),
    );
  }
}

/** The journal row of an administrative act that was refused (reliability.md 4.5). */
export function writeRefusal(
  sql: Statements,
  refusal: Refused,
  atUs: number,
  { request, actor }: Pick<Written, 'request' | 'actor'>,
): void {
  assert(request.audited === true, 'only administrative refusals are journalled');
  const body = bodyText({ args: request.args, outcome: refusal.code });
  appendJournal(sql, actor, [{ atUs, verb: request.verb, txnSeq: null, body }]);
}
