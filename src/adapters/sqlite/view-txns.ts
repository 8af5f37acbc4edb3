import type { Line } from '../../core/ledger/change.ts';
import type { ProposalRow } from '../../core/ledger/rows.ts';
import type { Query, TxnFigures } from '../../core/ledger/view.ts';
import { micros, type SqlRow, text, whole, wholeOrNone, word } from './cells.ts';
import { proposalTable } from './schedule-tables.ts';
import type { Statements } from './statements.ts';

const TXNS = `SELECT t.*, (SELECT v.seq FROM txn v WHERE v.reverses=t.seq) reversed_by FROM txn t
  WHERE t.seq IN(SELECT value FROM json_each(?)) ORDER BY t.seq`;
const LINES = `SELECT a.kind, a.owner_id, p.amount_micro, p.hold_id, p.partition FROM posting p
  JOIN ledger_account a USING(la_id) WHERE p.txn_seq=? ORDER BY p.line`;
const PROPOSALS =
  'SELECT * FROM proposal WHERE proposal_id IN(SELECT value FROM json_each(?)) ORDER BY proposal_id';
const ALL_PROPOSALS = 'SELECT * FROM proposal ORDER BY proposal_id';
const WAITING = 'SELECT * FROM proposal WHERE approved_seq IS NULL ORDER BY proposal_id';

export const TXN_KINDS = [
  ...(['fund', 'allocate', 'lapse', 'transfer', 'hold', 'extend', 'split', 'move'] as const),
  ...(['charge', 'release', 'expire', 'late', 'adjust', 'external', 'reverse'] as const),
];
const LEDGER_KINDS = [
  ...(['source', 'award', 'external', 'fa_external', 'free', 'held', 'spent'] as const),
  ...(['fa_held', 'fa_spent'] as const),
];

function lineOf(cells: SqlRow): Line {
  return {
    kind: word(cells, 'kind', LEDGER_KINDS),
    ownerId: whole(cells, 'owner_id'),
    amount: micros(cells, 'amount_micro'),
    holdId: wholeOrNone(cells, 'hold_id'),
    partition: text(cells, 'partition'),
  };
}

function overOf(cells: SqlRow): 0 | 1 | 2 {
  const over = whole(cells, 'over');
  return over === 1 || over === 2 ? over : 0;
}

/** By seq, with their lines. */
export function loadTxns(sql: Statements, seqs: readonly number[]): readonly TxnFigures[] {
  return sql.all(TXNS, JSON.stringify(seqs)).map((cells): TxnFigures => {
    const seq = whole(cells, 'seq');
    return {
      seq,
      kind: word(cells, 'kind', TXN_KINDS),
      cause: text(cells, 'cause'),
      over: overOf(cells),
      effectiveS: whole(cells, 'effective_s'),
      day: whole(cells, 'day'),
      clusterId: wholeOrNone(cells, 'cluster_id'),
      holdId: wholeOrNone(cells, 'hold_id'),
      parent: wholeOrNone(cells, 'parent'),
      reverses: wholeOrNone(cells, 'reverses'),
      lines: sql.all(LINES, seq).map(lineOf),
      reversedBy: wholeOrNone(cells, 'reversed_by'),
    };
  });
}

export function loadProposals(
  sql: Statements,
  wanted: NonNullable<Query['proposals']>,
): readonly ProposalRow[] {
  const rows =
    typeof wanted === 'string'
      ? sql.all(wanted === 'all' ? ALL_PROPOSALS : WAITING)
      : sql.all(PROPOSALS, JSON.stringify(wanted));
  return rows.map(proposalTable.row);
}
