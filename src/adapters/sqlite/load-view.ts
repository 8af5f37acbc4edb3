import type { FleetView, NextIds, Query, View } from '../../core/ledger/view.ts';
import { asksBudgetSide, budgetSide } from './budget-side-later.ts';
import { text, whole } from './cells.ts';
import type { Moment } from './moment.ts';
import type { Statements } from './statements.ts';
import {
  loadAccounts,
  loadOwners,
  loadPartitionUse,
  loadPayer,
  loadSlurmNames,
  PAYER_SQL,
} from './view-accounts.ts';
import { loadAwards } from './view-awards.ts';
import { loadFleet } from './view-fleet.ts';
import { HOLD_SQL, loadCharges, loadHolds } from './view-holds.ts';

const CLUSTER = 'SELECT cluster_id FROM cluster WHERE name=?';
const NEXT = `SELECT (SELECT COALESCE(MAX(seq),0) FROM txn)+1 seq,
  (SELECT COALESCE(MAX(account_id),0) FROM account)+1 account_id,
  (SELECT COALESCE(MAX(budget_id),0) FROM budget)+1 budget_id,
  (SELECT COALESCE(MAX(hold_id),0) FROM hold)+1 hold_id,
  (SELECT COALESCE(MAX(intent_id),0) FROM intent)+1 intent_id,
  (SELECT COALESCE(MAX(usage_id),0) FROM usage)+1 usage_id,
  (SELECT COALESCE(MAX(schedule_id),0) FROM schedule)+1 schedule_id,
  (SELECT COALESCE(MAX(proposal_id),0) FROM proposal)+1 proposal_id`;
const NOTES = 'SELECT name, value FROM note WHERE name IN(SELECT value FROM json_each(?))';
const NEXT_CLUSTER = 'SELECT COALESCE(MAX(cluster_id),0)+1 cluster_id FROM cluster';
const NO_FLEET: FleetView = { intents: [], instances: [], usage: [], shares: [] };

/** SQL texts that this query will surely run, to be compiled before the write lock is taken. */
export function viewSql(query: Query): readonly string[] {
  return [
    ...[CLUSTER, NEXT],
    ...(query.payer || query.accounts || query.holds?.owners === true ? PAYER_SQL : []),
    ...(query.holds?.tokens ? HOLD_SQL : []),
    ...(query.notes ? [NOTES] : []),
  ];
}

function nextIds(sql: Statements): NextIds {
  const cells = sql.get(NEXT) ?? {};
  return {
    seq: whole(cells, 'seq'),
    accountId: whole(cells, 'account_id'),
    budgetId: whole(cells, 'budget_id'),
    holdId: whole(cells, 'hold_id'),
    intentId: whole(cells, 'intent_id'),
    usageId: whole(cells, 'usage_id'),
    scheduleId: whole(cells, 'schedule_id'),
    proposalId: whole(cells, 'proposal_id'),
  };
}

/** The cluster's id, or the one that it gets with its first change. */
function clusterIdOf(sql: Statements, name: string): number {
  return whole(sql.get(CLUSTER, name) ?? sql.get(NEXT_CLUSTER) ?? {}, 'cluster_id');
}

function notesOf(sql: Statements, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    sql
      .all(NOTES, JSON.stringify(names))
      .map((cells) => [text(cells, 'name'), text(cells, 'value')]),
  );
}

/** Runs inside the caller's transaction. */
export function loadView(sql: Statements, query: Query, moment: Moment): View {
  const clusterId = clusterIdOf(sql, moment.clusterName);
  const holds = query.holds === undefined ? [] : loadHolds(sql, query.holds, clusterId);
  const budgetIds = new Set(holds.map(({ budgetId }) => budgetId));
  return {
    nowUs: moment.nowUs,
    nowS: Math.floor(moment.nowUs / 1_000_000),
    today: moment.today,
    liquidationDays: moment.liquidationDays,
    clusterId,
    clusterName: moment.clusterName,
    payer: query.payer && loadPayer(sql, query.payer, { clusterId, dayOf: moment.dayOf }),
    accounts: query.accounts || query.allAccounts ? loadAccounts(sql, query) : [],
    slurmNames: query.slurmNames ? loadSlurmNames(sql, query.slurmNames) : [],
    holds,
    owners: query.holds?.owners === true ? loadOwners(sql, budgetIds) : [],
    charges: query.holds?.charges === true ? loadCharges(sql, holds) : [],
    fleet: query.fleet === undefined ? NO_FLEET : loadFleet(sql, query.fleet, clusterId),
    notes: query.notes ? notesOf(sql, query.notes) : {},
    awards: query.awards && loadAwards(sql, query.awards),
    spentInPartition: query.partitionUse && loadPartitionUse(sql, query.partitionUse),
    ...(asksBudgetSide(query) && budgetSide().viewOfBudgetSide(sql, query, moment)),
    next: nextIds(sql),
  };
}
