// What I13 and I14 say of volumes (0008_volumes.sql, burst.md COST-8), as additions to the predicates of
// reliability.md 1.2: each statement selects the violations.

/** Volumes of an instance after so many seconds, each half up; months and the rest apart stay below 2^63. */
function costAfter(seconds: string): string {
  return `(SELECT COALESCE(SUM(${seconds}/2592000*v.value+(${seconds}%2592000*v.value+1296000)/2592000),0) FROM json_each(i.volumes) v)`;
}

/** I13: the shares of a segment add up to its volumes. */
export const VOLUMES_WHOLE = `SELECT u.instance_id FROM usage u LEFT JOIN share h USING(usage_id) GROUP BY u.usage_id
  HAVING COALESCE(SUM(h.volume_micro),0)<>u.volume_micro`;

/** I14: what volumes cost in a segment follows the rule; what was settled of them is what was posted. */
export const VOLUMES_PRICED = `SELECT 'volumes', u.usage_id FROM usage u JOIN instance i USING(instance_id)
  WHERE (u.volume_micro<>0 OR i.volumes<>'[]')
    AND u.volume_micro<>CASE WHEN i.end_cause IN('never-ran','internal-error') THEN 0
      ELSE ${costAfter('(u.to_s-i.launch_s)')}-${costAfter('(u.from_s-i.launch_s)')} END
UNION ALL SELECT 'volumes settled', t FROM (SELECT volume_seq t, budget_id b, volume_micro v FROM share WHERE volume_seq IS NOT NULL
  UNION ALL SELECT p.txn_seq, a.owner_id, -p.amount_micro FROM posting p JOIN ledger_account a USING(la_id) WHERE a.kind='spent'
    AND p.txn_seq IN(SELECT seq FROM txn WHERE kind='late' AND cause='volumes' UNION SELECT volume_seq FROM share WHERE volume_seq IS NOT NULL))
  GROUP BY t, b HAVING SUM(v)<>0
UNION ALL SELECT 'volumes unpaid', usage_id FROM share WHERE budget_id IS NOT NULL AND (volume_seq IS NOT NULL)<>(txn_seq IS NOT NULL AND volume_micro>0)`;
