/** I20: nothing hangs for ever. Takes now in microseconds, and the seconds of two reconcile periods. */
export const HANGING_SQL = `
WITH moment(now,grace) AS (SELECT ?,?)
SELECT 'hold', hold_id FROM hold, moment WHERE state='open' AND expires_s+grace<now/1000000
UNION ALL SELECT 'intent', intent_id FROM intent, moment
  WHERE state IN('sent','unknown') AND COALESCE(sent_us,planned_us)+15*60*1000000<now
UNION ALL SELECT 'instance', i.instance_id FROM instance i JOIN intent n USING(intent_id)
  JOIN hold h USING(hold_id) JOIN txn e ON e.seq=h.ended_seq, moment
  WHERE i.state<>'closed' AND i.end_s IS NULL AND e.at_us+10*60*1000000<now`;
