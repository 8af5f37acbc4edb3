import type { InstanceRow, IntentRow } from '../../core/ledger/rows.ts';
import type { FleetSelector, FleetView } from '../../core/ledger/view.ts';
import { Found } from './found.ts';
import type { Statements } from './statements.ts';
import { instanceTable, intentTable, shareTable, usageTable } from './tables.ts';

const LISTED = 'IN(SELECT value FROM json_each(?))';
const INTENTS = 'SELECT * FROM intent WHERE cluster_id=?';
const INTENTS_BY_ID = `${INTENTS} AND intent_id ${LISTED}`;
const INTENTS_BY_TOKEN = `${INTENTS} AND client_token ${LISTED}`;
const INTENTS_BY_HOLD = `${INTENTS} AND hold_id ${LISTED}`;
const INTENTS_OPEN = `${INTENTS} AND state IN('planned','sent','unknown')`;
const INSTANCES = 'SELECT i.* FROM instance i JOIN intent n USING(intent_id) WHERE n.cluster_id=?';
const INSTANCES_BY_ID = `${INSTANCES} AND i.instance_id ${LISTED}`;
const INSTANCES_BY_INTENT = `${INSTANCES} AND i.intent_id ${LISTED}`;
const INSTANCES_ON_NODES = `${INSTANCES} AND i.state<>'closed' AND i.node ${LISTED}`;
const INSTANCES_LIVE = `${INSTANCES} AND i.state<>'closed'`;
const INSTANCES_PAID = `${INSTANCES} AND i.instance_id IN(SELECT u.instance_id FROM share s JOIN usage u USING(usage_id) WHERE s.hold_id ${LISTED})`;
const USAGE =
  'SELECT * FROM usage WHERE instance_id IN(SELECT value FROM json_each(?)) ORDER BY instance_id, from_s';
const SHARES =
  'SELECT * FROM share WHERE usage_id IN(SELECT value FROM json_each(?)) ORDER BY usage_id, n';

const OPEN_SHARES = 'SELECT * FROM share WHERE txn_seq IS NULL AND hold_id';
const OPEN_SHARES_ALL = `${OPEN_SHARES} IS NOT NULL ORDER BY usage_id, n`;
const OPEN_SHARES_OF = `${OPEN_SHARES} ${LISTED} ORDER BY usage_id, n`;
const USAGE_BY_ID = `SELECT * FROM usage WHERE usage_id ${LISTED} ORDER BY instance_id, from_s`;

function byLaunch(a: InstanceRow, b: InstanceRow): number {
  return a.intentId - b.intentId || (a.instanceId < b.instanceId ? -1 : 1);
}

function usageOf(sql: Statements, instances: readonly InstanceRow[]): Segments {
  const ids = instances.map(({ instanceId }) => instanceId);
  const usage = sql.all(USAGE, JSON.stringify(ids)).map(usageTable.row);
  const usageIds = usage.map(({ usageId }) => usageId);
  return { usage, shares: sql.all(SHARES, JSON.stringify(usageIds)).map(shareTable.row) };
}

type Segments = Pick<FleetView, 'usage' | 'shares'>;

/** Unsettled shares with their segments, beside those of the instances found. */
function withOpenShares(sql: Statements, selector: FleetSelector, found: Segments): Segments {
  const { openShares } = selector;
  if (openShares === undefined) {
    return found;
  }
  const open =
    openShares === 'all'
      ? sql.all(OPEN_SHARES_ALL)
      : sql.all(OPEN_SHARES_OF, JSON.stringify(openShares));
  const shares = new Map(
    [...found.shares, ...open.map(shareTable.row)].map((row) => [`${row.usageId} ${row.n}`, row]),
  );
  const known = new Set(found.usage.map(({ usageId }) => usageId));
  const missing = [...shares.values()].map(({ usageId }) => usageId).filter((id) => !known.has(id));
  const more = sql.all(USAGE_BY_ID, JSON.stringify([...new Set(missing)])).map(usageTable.row);
  return { usage: [...found.usage, ...more], shares: [...shares.values()] };
}

/** Intents bring their instances, instances their intents. */
export function loadFleet(sql: Statements, selector: FleetSelector, clusterId: number): FleetView {
  const intents = new Found<IntentRow>(sql, {
    clusterId,
    row: intentTable.row,
    keyOf: ({ intentId }) => intentId,
  });
  const instances = new Found<InstanceRow>(sql, {
    clusterId,
    row: instanceTable.row,
    keyOf: ({ instanceId }) => instanceId,
  });
  intents.addListed(INTENTS_BY_ID, selector.intentIds);
  intents.addListed(INTENTS_BY_TOKEN, selector.clientTokens);
  intents.addListed(INTENTS_BY_HOLD, selector.holdIds);
  if (selector.begun === true) {
    intents.add(INTENTS_OPEN);
  }
  instances.addListed(INSTANCES_BY_INTENT, intents.keys());
  instances.addListed(INSTANCES_BY_ID, selector.instanceIds);
  instances.addListed(INSTANCES_ON_NODES, selector.nodes);
  instances.addListed(INSTANCES_PAID, selector.paidByHolds);
  if (selector.open === true) {
    intents.add(INTENTS_OPEN);
    instances.add(INSTANCES_LIVE);
  }
  const rows = instances.sorted(byLaunch);
  const others = new Set(rows.map(({ intentId }) => intentId));
  intents.addListed(
    INTENTS_BY_ID,
    [...others].filter((id) => !intents.has(id)),
  );
  return {
    intents: intents.sorted((a, b) => a.intentId - b.intentId),
    instances: rows,
    ...withOpenShares(
      sql,
      selector,
      selector.usage === true ? usageOf(sql, rows) : { usage: [], shares: [] },
    ),
  };
}
