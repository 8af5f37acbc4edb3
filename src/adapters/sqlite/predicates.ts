// The predicates of reliability.md 1.2, word for word: each statement selects the violations.
// I8, I19 and I20 cannot be said in SQL: see chain.ts, soundness.ts and hanging.ts.

export interface Predicate {
  readonly id: string;
  readonly sql: string;
}

export const PREDICATES: readonly Predicate[] = [
  {
    id: 'I1',
    sql: `SELECT t.seq, COUNT(p.line), COALESCE(SUM(p.amount_micro),0) FROM txn t LEFT JOIN posting p ON p.txn_seq=t.seq
GROUP BY t.seq HAVING COUNT(p.line)<2 OR COALESCE(SUM(p.amount_micro),0)<>0`,
  },
  {
    id: 'I2',
    sql: `SELECT 'balance', la_id FROM (SELECT la_id, amount_micro v FROM balance UNION ALL SELECT la_id, -amount_micro FROM posting) GROUP BY la_id HAVING SUM(v)<>0
UNION ALL SELECT 'partition', la_id FROM (SELECT la_id, partition q, amount_micro v FROM partition_balance
  UNION ALL SELECT la_id, partition, -amount_micro FROM posting WHERE partition<>'') GROUP BY la_id, q HAVING SUM(v)<>0
UNION ALL SELECT 'day', b FROM (SELECT budget_id b, day d, partition q, spent_micro s, fa_micro f FROM day_spend
  UNION ALL SELECT a.owner_id, t.day, p.partition, -(a.kind='spent')*p.amount_micro, -(a.kind='fa_spent')*p.amount_micro
    FROM posting p JOIN txn t ON t.seq=p.txn_seq JOIN ledger_account a USING(la_id) WHERE a.kind IN('spent','fa_spent'))
  GROUP BY b, d, q HAVING SUM(s)<>0 OR SUM(f)<>0
UNION ALL SELECT 'below', top FROM (
  WITH RECURSIVE up(acc,top) AS (SELECT account_id, parent_id FROM account WHERE parent_id IS NOT NULL
    UNION SELECT up.acc, a.parent_id FROM up JOIN account a ON a.account_id=up.top WHERE a.parent_id IS NOT NULL)
  SELECT account_id top, held_micro h, spent_micro s FROM below
  UNION ALL SELECT up.top, -(a.kind IN('held','fa_held'))*p.amount_micro, -(a.kind IN('spent','fa_spent'))*p.amount_micro
    FROM up JOIN budget g ON g.account_id=up.acc JOIN ledger_account a ON a.owner_id=g.budget_id
      AND (a.kind IN('held','spent') OR (g.basis='total' AND a.kind IN('fa_held','fa_spent'))) JOIN balance p USING(la_id)
  UNION ALL SELECT top, 1, 0 FROM up WHERE acc=top)
  GROUP BY top HAVING SUM(h)<>0 OR SUM(s)<>0`,
  },
  {
    id: 'I3',
    sql: `WITH net AS (SELECT p.txn_seq seq, p.la_id, SUM(p.amount_micro) d FROM posting p JOIN ledger_account a USING(la_id) WHERE a.kind IN('free','award') GROUP BY 1,2),
run AS (SELECT seq, d, SUM(d) OVER (PARTITION BY la_id ORDER BY seq) bal FROM net)
SELECT seq FROM run JOIN txn USING(seq) WHERE d<0 AND bal<0 AND over=0
UNION ALL SELECT seq FROM txn WHERE (over=1 AND kind NOT IN('charge','late','adjust','external')) OR (over=2 AND kind NOT IN('hold','extend','fund','allocate'))`,
  },
  {
    id: 'I4',
    sql: `SELECT h, b FROM (SELECT hold_id h, budget_id b, partition q, amount_micro v, fa_micro f FROM hold WHERE state='open'
  UNION ALL SELECT p.hold_id, a.owner_id, p.partition, -(a.kind='held')*p.amount_micro, -(a.kind='fa_held')*p.amount_micro
    FROM posting p JOIN ledger_account a USING(la_id) WHERE a.kind IN('held','fa_held'))
GROUP BY h, b, q HAVING h IS NULL OR SUM(v)<>0 OR SUM(f)<>0`,
  },
  {
    id: 'I5',
    sql: `WITH c AS (SELECT hold_id, SUM(kind='hold') o, SUM(kind IN('charge','release','expire')) e FROM txn WHERE hold_id IS NOT NULL GROUP BY hold_id)
SELECT h.hold_id FROM hold h LEFT JOIN c USING(hold_id) LEFT JOIN txn o ON o.seq=h.opened_seq LEFT JOIN txn e ON e.seq=h.ended_seq
WHERE COALESCE(c.o,0)<>(h.parent_id IS NULL) OR COALESCE(c.e,0)<>(h.state IN('charged','released','expired'))
 OR o.hold_id IS NOT COALESCE(h.parent_id,h.hold_id) OR o.kind IS NOT CASE WHEN h.parent_id IS NULL THEN 'hold' ELSE 'split' END
 OR (h.state<>'open' AND (e.hold_id IS NOT h.hold_id OR NOT e.seq>h.opened_seq
   OR e.kind IS NOT CASE h.state WHEN 'charged' THEN 'charge' WHEN 'released' THEN 'release' WHEN 'expired' THEN 'expire' ELSE 'split' END))
 OR (h.state='charged' AND h.tasks<>1)`,
  },
  {
    id: 'I6',
    sql: `SELECT t.seq FROM txn t LEFT JOIN idem i ON i.txn_seq=t.seq GROUP BY t.seq HAVING COUNT(i.key)<>1
UNION ALL SELECT txn_seq FROM idem WHERE length(request_hash)<>32 OR length(key) NOT BETWEEN 1 AND 200`,
  },
  {
    id: 'I7',
    sql: `SELECT 'txn' WHERE (SELECT COUNT(*)<>COALESCE(MAX(seq),0) OR MIN(seq)<>1 FROM txn)
UNION ALL SELECT 'journal' WHERE (SELECT COUNT(*)<>COALESCE(MAX(seq),0) OR MIN(seq)<>1 FROM journal)
UNION ALL SELECT 'unjournalled' FROM txn t WHERE NOT EXISTS(SELECT 1 FROM journal j WHERE j.txn_seq=t.seq)`,
  },
  {
    id: 'I9',
    sql: `SELECT 'posting' FROM posting WHERE typeof(amount_micro)<>'integer'
UNION ALL SELECT 'balance' FROM balance WHERE typeof(amount_micro)<>'integer'
UNION ALL SELECT 'partition_balance' FROM partition_balance WHERE typeof(amount_micro)<>'integer'
UNION ALL SELECT 'below' FROM below WHERE typeof(held_micro)<>'integer' OR typeof(spent_micro)<>'integer'
UNION ALL SELECT 'day_spend' FROM day_spend WHERE typeof(spent_micro)<>'integer' OR typeof(fa_micro)<>'integer'
UNION ALL SELECT 'hold' FROM hold WHERE typeof(amount_micro)<>'integer' OR typeof(fa_micro)<>'integer'
UNION ALL SELECT 'fa' FROM fa WHERE typeof(base_micro)<>'integer' OR typeof(amount_micro)<>'integer'
UNION ALL SELECT 'share' FROM share WHERE typeof(amount_micro)<>'integer'
UNION ALL SELECT 'usage' FROM usage WHERE typeof(amount_micro)<>'integer' OR typeof(rate_e10)<>'integer'`,
  },
  {
    id: 'I10',
    sql: `SELECT i.instance_id FROM instance i JOIN intent n USING(intent_id)
WHERE n.sent_us IS NULL OR n.sent_us<n.planned_us OR n.state='planned' OR n.sent_us/1000000 > i.launch_s+5
UNION ALL SELECT CAST(n.intent_id AS TEXT) FROM intent n JOIN instance i USING(intent_id) GROUP BY n.intent_id HAVING COUNT(*)>n.want`,
  },
  {
    id: 'I11',
    sql: `SELECT i.instance_id FROM instance i JOIN intent n USING(intent_id) JOIN cluster c USING(cluster_id)
WHERE i.tag_cluster IS NOT c.name OR i.tag_intent IS NOT n.intent_id OR i.tag_hold IS NOT n.hold_id
   OR (n.hold_id IS NULL AND n.purpose<>'admin')`,
  },
  {
    id: 'I12',
    sql: `SELECT 'changes', w.award_id FROM award w LEFT JOIN award_change c USING(award_id) GROUP BY w.award_id HAVING w.amount_micro<>COALESCE(SUM(c.delta_micro),0)
UNION ALL SELECT 'funded', w.award_id FROM award w JOIN ledger_account a ON a.kind='award' AND a.owner_id=w.award_id JOIN posting p USING(la_id)
  JOIN txn t ON t.seq=p.txn_seq LEFT JOIN txn o ON o.seq=t.reverses WHERE 'fund' IN(t.kind,o.kind) GROUP BY w.award_id HAVING SUM(p.amount_micro)>w.amount_micro
UNION ALL SELECT 'entries', w FROM (SELECT award_id w, txn_seq t, amount_micro v FROM entry WHERE txn_seq IS NOT NULL
  UNION ALL SELECT a.owner_id, p.txn_seq, -p.amount_micro FROM posting p JOIN ledger_account a USING(la_id) WHERE a.kind='external') GROUP BY w, t HAVING SUM(v)<>0`,
  },
  {
    id: 'I13',
    sql: `WITH s AS (SELECT u.*, LAG(to_s) OVER (PARTITION BY instance_id ORDER BY from_s) prev FROM usage u)
SELECT s.instance_id FROM s JOIN instance i USING(instance_id) WHERE s.from_s<>COALESCE(s.prev,i.launch_s)
UNION ALL SELECT i.instance_id FROM instance i WHERE i.state='closed'
  AND COALESCE((SELECT MAX(to_s) FROM usage u WHERE u.instance_id=i.instance_id),-1)<>MAX(i.end_s,i.launch_s+60)
UNION ALL SELECT u.instance_id FROM usage u LEFT JOIN share h USING(usage_id) GROUP BY u.usage_id HAVING COALESCE(SUM(h.amount_micro),-1)<>u.amount_micro`,
  },
  {
    id: 'I14',
    sql: `WITH x AS (SELECT usage_id, instance_id, from_s, amount_micro m, (to_s-from_s)*rate_e10/36000000 q, (to_s-from_s)*rate_e10%36000000 r FROM usage),
s AS (SELECT usage_id, m, q, r, SUM(q) OVER w qq, SUM(r) OVER w rr FROM x WINDOW w AS (PARTITION BY instance_id ORDER BY from_s)),
f AS (SELECT f.*, SUM(base_micro) OVER w b, SUM(amount_micro) OVER w c, r.rate_e4 e, r.base k FROM fa f JOIN fa_rate r USING(rate_id) WINDOW w AS (PARTITION BY rate_id ORDER BY txn_seq))
SELECT 'usage', usage_id FROM s WHERE m<>qq+(rr+18000000)/36000000-(qq-q)-(rr-r+18000000)/36000000
UNION ALL SELECT 'settled', t FROM (SELECT txn_seq t, budget_id b, amount_micro v FROM share WHERE txn_seq IS NOT NULL
  UNION ALL SELECT p.txn_seq, a.owner_id, -p.amount_micro FROM posting p JOIN ledger_account a USING(la_id) WHERE a.kind='spent'
    AND p.txn_seq IN(SELECT txn_seq FROM share)) JOIN txn ON seq=t WHERE kind<>'adjust' GROUP BY t, b HAVING SUM(v)<>0 OR MAX(kind) NOT IN('charge','late')
UNION ALL SELECT 'corrected', t.seq FROM txn t JOIN share h ON h.txn_seq=t.seq WHERE t.kind='adjust' GROUP BY t.seq HAVING SUM(h.amount_micro)<>(
  SELECT SUM(p.amount_micro) FROM txn o JOIN posting p ON p.txn_seq=o.seq JOIN ledger_account a USING(la_id)
  WHERE a.kind='spent' AND (o.seq=t.parent OR (o.parent=t.parent AND o.seq<=t.seq)))
UNION ALL SELECT 'fa', txn_seq FROM f WHERE b<>cum_base_micro OR c<>cum_micro OR k='none'
  OR c<>(b/100000000*e+(b%100000000*e+50000000)/100000000)*10000
UNION ALL SELECT 'fa base', f.txn_seq FROM f JOIN txn t ON t.seq=f.txn_seq AND t.kind IN('charge','late') JOIN posting p ON p.txn_seq=t.seq
  JOIN ledger_account a ON a.la_id=p.la_id AND a.kind='spent' GROUP BY f.rate_id, f.txn_seq HAVING SUM(p.amount_micro)<>f.base_micro
UNION ALL SELECT 'fa posted', t FROM (SELECT txn_seq t, amount_micro v FROM fa
  UNION ALL SELECT p.txn_seq, -p.amount_micro FROM posting p JOIN ledger_account a USING(la_id) WHERE a.kind IN('fa_spent','fa_external')) GROUP BY t HAVING SUM(v)<>0`,
  },
  {
    id: 'I15',
    sql: `SELECT MIN(hold_id) FROM hold WHERE job_id IS NOT NULL GROUP BY cluster_id,job_id,array_task,submit_s,restart HAVING COUNT(*)>1
UNION ALL SELECT hold_id FROM hold WHERE job_id IS NOT NULL AND submit_s IS NULL`,
  },
  {
    id: 'I16',
    sql: `SELECT t.seq FROM txn t JOIN hold h USING(hold_id) WHERE t.cluster_id IS NOT h.cluster_id
UNION ALL SELECT n.intent_id FROM intent n JOIN hold h USING(hold_id) WHERE n.cluster_id<>h.cluster_id
UNION ALL SELECT h.hold_id FROM hold h JOIN hold p ON p.hold_id=h.parent_id WHERE h.cluster_id<>p.cluster_id`,
  },
  {
    id: 'I17',
    sql: `SELECT r.txn_seq FROM schedule_run r JOIN txn t ON t.seq=r.txn_seq WHERE t.kind<>'allocate'
UNION ALL SELECT s.schedule_id FROM schedule s JOIN schedule_run r USING(schedule_id) JOIN posting p ON p.txn_seq=r.txn_seq
  JOIN ledger_account a ON a.la_id=p.la_id AND a.kind='free' LEFT JOIN txn v ON v.reverses=r.txn_seq
  GROUP BY s.schedule_id HAVING SUM(p.amount_micro*(v.seq IS NULL))>s.total_micro OR SUM(a.owner_id<>s.budget_id)>0`,
  },
  {
    id: 'I18',
    sql: `SELECT t.seq FROM txn t JOIN txn o ON o.seq=t.reverses WHERE o.kind NOT IN('fund','allocate','lapse','transfer') OR t.kind<>'reverse' OR o.seq>=t.seq OR o.day<>t.day
UNION ALL SELECT t.seq FROM txn t WHERE t.kind='reverse' AND (t.reverses IS NULL OR EXISTS(
  SELECT la_id, SUM(amount_micro) FROM posting WHERE txn_seq IN(t.seq,t.reverses) GROUP BY la_id HAVING SUM(amount_micro)<>0))`,
  },
];
