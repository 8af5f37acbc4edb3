import type { HoldRow } from '../../core/ledger/rows.ts';
import type { ChargeFigures, HoldSelector } from '../../core/ledger/view.ts';
import { flag, micros, type SqlRow, text, whole, wholeOrNone, word } from './cells.ts';
import { Found } from './found.ts';
import type { Statements } from './statements.ts';
import { holdTable } from './tables.ts';

const HERE = 'SELECT * FROM hold WHERE cluster_id=?';
const LISTED = 'IN(SELECT value FROM json_each(?))';
const BY_TOKEN = `${HERE} AND token ${LISTED}`;
const BY_ID = `${HERE} AND hold_id ${LISTED}`;
const BY_JOB = `${HERE} AND job_id ${LISTED}`;
const BY_PARENT = `${HERE} AND parent_id ${LISTED}`;
const OPEN = `${HERE} AND state='open'`;
const EXPIRED = `${OPEN} AND expires_s<?`;

function spentOf(what: string): string {
  return `(SELECT ${what} FROM posting p JOIN ledger_account a USING(la_id) WHERE p.txn_seq=t.seq AND a.kind='spent')`;
}
const CHARGES = `SELECT t.seq, t.kind, t.hold_id, t.effective_s, t.day, h.budget_id, h.partition,
  ${spentOf('a.owner_id')} spent_by, ${spentOf('p.partition')} spent_in,
  COALESCE(${spentOf('SUM(p.amount_micro)')},0)
    +(SELECT COALESCE(SUM(p.amount_micro),0) FROM txn d JOIN posting p ON p.txn_seq=d.seq
      JOIN ledger_account a USING(la_id) WHERE d.parent=t.seq AND a.kind='spent') amount_micro,
  (SELECT COUNT(*) FROM txn d WHERE d.parent=t.seq) adjusts,
  (SELECT share_e4 FROM cost_share c WHERE c.txn_seq=t.seq) share_e4,
  EXISTS(SELECT 1 FROM share s WHERE s.txn_seq=t.seq) settled
  FROM hold h JOIN txn t ON t.hold_id=h.hold_id AND t.kind IN('charge','late')
  WHERE h.hold_id IN(SELECT value FROM json_each(?)) ORDER BY t.seq`;

/** What a lookup by token compiles: every hook but submit asks so. */
export const HOLD_SQL: readonly string[] = [BY_TOKEN];

export function loadHolds(
  sql: Statements,
  selector: HoldSelector,
  clusterId: number,
): readonly HoldRow[] {
  const found = new Found<HoldRow>(sql, {
    clusterId,
    row: holdTable.row,
    keyOf: ({ holdId }) => holdId,
  });
  found.addListed(BY_TOKEN, selector.tokens);
  found.addListed(BY_ID, selector.holdIds);
  found.addListed(BY_JOB, selector.jobIds);
  if (selector.open?.expiresBeforeS !== undefined) {
    found.add(EXPIRED, selector.open.expiresBeforeS);
  } else if (selector.open !== undefined) {
    found.add(OPEN);
  }
  if (selector.children === true) {
    found.addListed(BY_PARENT, found.keys());
  }
  return found.sorted((a, b) => a.holdId - b.holdId);
}

function chargeFigures(cells: SqlRow): ChargeFigures {
  const spent = cells['spent_by'] !== null; // a charge of nothing has no such line
  return {
    seq: whole(cells, 'seq'),
    kind: word(cells, 'kind', ['charge', 'late']),
    holdId: whole(cells, 'hold_id'),
    budgetId: whole(cells, spent ? 'spent_by' : 'budget_id'),
    partition: text(cells, spent ? 'spent_in' : 'partition'),
    effectiveS: whole(cells, 'effective_s'),
    day: whole(cells, 'day'),
    amount: micros(cells, 'amount_micro'),
    adjustCount: whole(cells, 'adjusts'),
    federalShareE4: wholeOrNone(cells, 'share_e4'),
    hasShares: flag(cells, 'settled'),
  };
}

/** Oldest first: every charge and late of these holds, with what was adjusted since. */
export function loadCharges(sql: Statements, holds: readonly HoldRow[]): readonly ChargeFigures[] {
  return holds.length === 0
    ? []
    : sql.all(CHARGES, JSON.stringify(holds.map(({ holdId }) => holdId))).map(chargeFigures);
}
