// The queries behind reports on a grant. $award; $seq: the last transaction that counts; $endSeq: the
// last one recorded within the reporting period; $start and $end: days of the range.

const BUDGETS = 'b(id) AS (SELECT budget_id FROM budget WHERE award_id=$award)';

/** Kept sums by day, less what was recorded later. */
const DAYS = `${BUDGETS}, d(b,day,q,s,f) AS (
  SELECT budget_id, day, partition, spent_micro, fa_micro FROM day_spend WHERE budget_id IN(SELECT id FROM b)
  UNION ALL SELECT a.owner_id, t.day, p.partition, -(a.kind='spent')*p.amount_micro, -(a.kind='fa_spent')*p.amount_micro
    FROM txn t JOIN posting p ON p.txn_seq=t.seq JOIN ledger_account a USING(la_id)
    WHERE t.seq>$seq AND a.kind IN('spent','fa_spent') AND a.owner_id IN(SELECT id FROM b))`;

export const LAST_BY = 'SELECT seq FROM txn WHERE at_us<=$us ORDER BY seq DESC LIMIT 1';

const SPENT_DAYS =
  'SELECT day, SUM(s) spent, SUM(f) fa FROM d GROUP BY day HAVING SUM(s)<>0 OR SUM(f)<>0';

export const BY_DAY = `WITH ${DAYS} SELECT day, spent, fa, spent<>0 days FROM (${SPENT_DAYS}) ORDER BY day`;

/** $cuts: the first days of spans; what lies before the first is a span too. */
export const BY_SPAN = `WITH ${DAYS}
  SELECT COALESCE(MIN(CASE WHEN spent<>0 THEN day END),MIN(day)) day, SUM(spent) spent, SUM(fa) fa, SUM(spent<>0) days
  FROM (${SPENT_DAYS}) e
  GROUP BY (SELECT COUNT(*) FROM json_each($cuts) c WHERE c.value<=e.day) ORDER BY 1`;

export const BY_BUDGET = `WITH ${DAYS}
  SELECT g.budget_id, c.name, COALESCE(SUM((day<=$end)*s),0) spent, COALESCE(SUM((day<=$end)*f),0) fa,
    COALESCE(SUM((day BETWEEN $start AND $end)*s),0) range_spent, COALESCE(SUM((day BETWEEN $start AND $end)*f),0) range_fa
  FROM budget g JOIN account c USING(account_id) LEFT JOIN d ON d.b=g.budget_id
  WHERE g.award_id=$award GROUP BY g.budget_id ORDER BY c.name, g.rank`;

/** The lines of some ledger accounts, by the index of those without a hold (no held money): CROSS JOIN keeps the order. */
const LINES =
  'ledger_account a CROSS JOIN posting p ON p.la_id=a.la_id AND p.hold_id IS NULL JOIN txn t ON t.seq=p.txn_seq';

/** One budget a transaction: its costs have one spent line, or one of F&A alone (a final rate). */
export const RECIPIENTS = `WITH ${BUDGETS}, s(seq) AS (SELECT DISTINCT t.seq FROM ${LINES}
    WHERE EXISTS(SELECT 1 FROM cost_share) AND a.kind IN('spent','fa_spent') AND a.owner_id IN(SELECT id FROM b)
      AND t.seq<=$seq AND t.day<=$end)
  SELECT COALESCE(SUM(c.recipient_micro),0) recipient, COALESCE(SUM(c.recipient_fa_micro),0) recipient_fa
  FROM s CROSS JOIN cost_share c ON c.txn_seq=s.seq`;

/** What is left of an amount of whole cents when the federal share of it is taken off: core/money/fa.ts. */
const RECIPIENT_FA =
  '(f.amount_micro/10000-(CASE WHEN f.amount_micro<0 THEN -1 ELSE 1 END)*((ABS(f.amount_micro)/10000*c.share_e4+5000)/10000))*10000';

/** Running sums of the last transaction that counts, less those of days after the period. */
export const RATES = `WITH later(rate_id,base,amount) AS (
    SELECT f.rate_id, f.base_micro, f.amount_micro FROM fa_rate r JOIN fa f USING(rate_id) JOIN txn t ON t.seq=f.txn_seq
      WHERE r.award_id=$award AND f.txn_seq>$endSeq AND f.txn_seq<=$seq AND t.day>$end),
  owned(rate_id,fa) AS (SELECT f.rate_id, SUM(${RECIPIENT_FA}) FROM fa_rate r CROSS JOIN fa f ON f.rate_id=r.rate_id
      CROSS JOIN cost_share c ON c.txn_seq=f.txn_seq CROSS JOIN txn t ON t.seq=c.txn_seq
      WHERE EXISTS(SELECT 1 FROM cost_share) AND r.award_id=$award AND t.seq<=$seq AND t.day<=$end GROUP BY f.rate_id)
  SELECT r.rate_id,
    COALESCE((SELECT cum_base_micro FROM fa WHERE fa.rate_id=r.rate_id AND txn_seq<=$seq ORDER BY txn_seq DESC LIMIT 1),0)
      -COALESCE((SELECT SUM(base) FROM later l WHERE l.rate_id=r.rate_id),0) base,
    COALESCE((SELECT cum_micro FROM fa WHERE fa.rate_id=r.rate_id AND txn_seq<=$seq ORDER BY txn_seq DESC LIMIT 1),0)
      -COALESCE((SELECT SUM(amount) FROM later l WHERE l.rate_id=r.rate_id),0) amount,
    COALESCE((SELECT SUM(fa) FROM owned o WHERE o.rate_id=r.rate_id),0) recipient_fa
  FROM fa_rate r WHERE r.award_id=$award ORDER BY r.from_day, r.rate_id`;

/** The account's federal part at the as-of: of one that changed since, by its newest image until then. */
const SHARE_THEN = `CASE WHEN c.updated_us<=$asOf THEN c.federal_share_e4 ELSE COALESCE((SELECT json_extract(r.value,'$.federal_share_e4')
    FROM journal j, json_each(j.body,'$.rows.account') r
    WHERE j.at_us<=$asOf AND instr(j.body,'"account":[')>0 AND json_extract(r.value,'$.account_id')=c.account_id
    ORDER BY j.seq DESC LIMIT 1),c.federal_share_e4) END`;

const HOLD = `h.hold_id, h.token, COALESCE(u.opened_seq,h.opened_seq) opened_seq, o.day opened_day, h.budget_id, c.name, h.partition,
    h.user_name, h.job_id, h.array_task, x.m amount, x.f fa, ${SHARE_THEN} federal_share_e4
  FROM x JOIN hold h ON h.hold_id=x.h JOIN budget g USING(budget_id) JOIN account c USING(account_id)
  LEFT JOIN hold u ON u.hold_id=h.parent_id JOIN txn o ON o.seq=COALESCE(u.opened_seq,h.opened_seq)
  WHERE COALESCE(u.opened_seq,h.opened_seq)<=$endSeq ORDER BY h.hold_id`;

/** Open at $seq: open now, less what was recorded later. */
export const OPEN_HOLDS = `WITH ${BUDGETS}, x(h,m,f) AS (SELECT h, SUM(m), SUM(f) FROM (
    SELECT hold_id h, amount_micro m, fa_micro f FROM hold WHERE state='open' AND budget_id IN(SELECT id FROM b)
    UNION ALL SELECT p.hold_id, -(a.kind='held')*p.amount_micro, -(a.kind='fa_held')*p.amount_micro
      FROM txn t JOIN posting p ON p.txn_seq=t.seq JOIN ledger_account a USING(la_id)
      WHERE t.seq>$seq AND a.kind IN('held','fa_held') AND a.owner_id IN(SELECT id FROM b))
    GROUP BY h HAVING SUM(m)<>0 OR SUM(f)<>0) SELECT ${HOLD}`;

/** Held at $seq: held now, less what was recorded later. */
export const HELD = `WITH ${BUDGETS}, a(la) AS (SELECT la_id FROM ledger_account WHERE kind IN('held','fa_held') AND owner_id IN(SELECT id FROM b))
  SELECT COALESCE((SELECT SUM(amount_micro) FROM balance WHERE la_id IN(SELECT la FROM a)),0)
    -COALESCE((SELECT SUM(p.amount_micro) FROM txn t JOIN posting p ON p.txn_seq=t.seq WHERE t.seq>$seq AND p.la_id IN(SELECT la FROM a)),0) held`;

/** Open at the end of the period and charged since, on a day after it; by the index hold_charged. */
export const CHARGED_LATER = `WITH ${BUDGETS}, x(h,m,f) AS (
    SELECT e.hold_id, -SUM((a.kind='held')*p.amount_micro), -SUM((a.kind='fa_held')*p.amount_micro)
      FROM hold e CROSS JOIN txn t ON t.seq=e.ended_seq CROSS JOIN posting p ON p.txn_seq=t.seq AND p.hold_id=e.hold_id
        CROSS JOIN ledger_account a USING(la_id)
      WHERE e.state='charged' AND e.budget_id IN(SELECT id FROM b) AND e.ended_seq>$endSeq AND e.ended_seq<=$seq
        AND t.day>$end AND a.kind IN('held','fa_held') GROUP BY e.hold_id) SELECT ${HOLD}`;

export const CHARGES = `WITH ${BUDGETS}
  SELECT t.seq, t.kind, t.cause, t.day, t.hold_id, c.name, MAX(p.partition) partition, h.user_name, h.job_id, h.array_task,
    SUM((a.kind='spent')*p.amount_micro) direct, SUM((a.kind='fa_spent')*p.amount_micro) fa,
    COALESCE(s.recipient_micro,0) recipient, COALESCE(s.recipient_fa_micro,0) recipient_fa
  FROM ${LINES} JOIN budget g ON g.budget_id=a.owner_id JOIN account c USING(account_id)
  LEFT JOIN hold h ON h.hold_id=t.hold_id LEFT JOIN cost_share s ON s.txn_seq=t.seq
  WHERE a.kind IN('spent','fa_spent') AND a.owner_id IN(SELECT id FROM b) AND t.seq<=$seq AND t.day<=$end
  GROUP BY t.seq, a.owner_id ORDER BY t.day, t.seq`;

/** Entries, and what a changed rate corrected of their F&A, which is of no entry. */
const OUTSIDE = `x(seq,day,cause,direct,fa) AS (
  SELECT t.seq, t.day, CASE t.cause WHEN 'entry' THEN '' ELSE t.cause END,
    SUM((a.kind='external')*p.amount_micro), SUM((a.kind='fa_external')*p.amount_micro)
    FROM ${LINES}
    WHERE a.kind IN('external','fa_external') AND a.owner_id=$award AND t.seq<=$seq GROUP BY t.seq)`;

export const EXTERNALS = `WITH ${OUTSIDE} SELECT seq, day, cause, direct, fa FROM x WHERE day<=$end ORDER BY day, seq`;

export const EXTERNAL_DAYS = `WITH ${OUTSIDE} SELECT day, SUM(direct) spent, SUM(fa) fa FROM x GROUP BY day ORDER BY day`;

export const FA_ROWS = `SELECT f.txn_seq, f.rate_id, f.base_micro, f.amount_micro FROM fa_rate r JOIN fa f USING(rate_id)
  WHERE r.award_id=$award AND f.txn_seq<=$seq ORDER BY f.txn_seq, f.rate_id`;

/** A payer's part of a segment's seconds, as its part of the amount. */
const SHARED =
  'CASE u.amount_micro WHEN 0 THEN 0 ELSE CAST(ROUND(1.0*(u.to_s-u.from_s)*x.amount_micro/u.amount_micro) AS INTEGER) END';

/** Segments that a budget of the grant paid for, by the transaction that settled them. */
export const JOBS = `WITH ${BUDGETS},
  paid(seq,q,s,f) AS (SELECT t.seq, MAX(p.partition), SUM((a.kind='spent')*p.amount_micro), SUM((a.kind='fa_spent')*p.amount_micro)
    FROM ${LINES}
    WHERE a.kind IN('spent','fa_spent') AND a.owner_id IN(SELECT id FROM b) AND t.seq<=$seq AND t.day BETWEEN $start AND $end GROUP BY t.seq)
  SELECT COALESCE(h.user_name,'') user_name, paid.q partition, COUNT(DISTINCT h.job_id||'_'||h.array_task) jobs, SUM(s) spent, SUM(f) fa,
    COALESCE(SUM((SELECT SUM(${SHARED}) FROM share x JOIN usage u USING(usage_id) WHERE x.txn_seq=paid.seq)),0) seconds
  FROM paid JOIN txn t ON t.seq=paid.seq LEFT JOIN hold h ON h.hold_id=t.hold_id
  GROUP BY 1,2 ORDER BY SUM(s) DESC, 1, 2`;

export const RECOVERED = `WITH d(budget_id,day,m) AS (SELECT budget_id, day, spent_micro FROM day_spend
    UNION ALL SELECT a.owner_id, t.day, -p.amount_micro FROM txn t JOIN posting p ON p.txn_seq=t.seq JOIN ledger_account a USING(la_id)
      WHERE t.seq>$seq AND a.kind='spent')
  SELECT CASE WHEN g.award_id IS NULL THEN 'others' WHEN g.award_id=$award THEN 'grant' ELSE 'awards' END who,
    SUM(d.m) charged FROM d JOIN budget g USING(budget_id) WHERE d.day BETWEEN $start AND $end GROUP BY 1`;

/** Instance time by who paid, of segments that ended in the range. */
export const SEGMENTS = `SELECT CASE WHEN x.budget_id IS NULL THEN 'nobody' WHEN g.award_id IS NULL THEN 'others'
      WHEN g.award_id=$award THEN 'grant' ELSE 'awards' END who,
    SUM(x.amount_micro) amount, SUM(${SHARED}) seconds
  FROM usage u JOIN share x USING(usage_id) LEFT JOIN budget g USING(budget_id)
  WHERE u.to_s BETWEEN $startS AND $endS AND u.to_s<=$asOf/1000000 GROUP BY 1`;

export const NODES = `WITH ${BUDGETS}
  SELECT i.node, SUM(${SHARED}) seconds FROM share x JOIN usage u USING(usage_id) JOIN instance i USING(instance_id)
  JOIN txn t ON t.seq=x.txn_seq
  WHERE x.budget_id IN(SELECT id FROM b) AND t.seq<=$seq AND t.day BETWEEN $start AND $end GROUP BY 1 ORDER BY 1`;

export const EFFICIENCY = `WITH ${BUDGETS}
  SELECT COUNT(*) jobs, AVG(CAST(f.cpu_efficiency AS REAL)) cpu, AVG(CAST(f.memory_efficiency AS REAL)) memory,
    AVG(CAST(f.gpu_efficiency AS REAL)) gpu
  FROM performance f JOIN hold h USING(hold_id) WHERE h.budget_id IN(SELECT id FROM b) AND f.day BETWEEN $start AND $end AND f.at_us<=$asOf`;

/** Images of rows that the journal has, oldest first. */
function images(table: string, whose: string): string {
  return `SELECT r.value image FROM journal j, json_each(j.body,'$.rows.${table}') r
  WHERE j.at_us<=$asOf AND instr(j.body,'"${table}":[')>0 AND ${whose} ORDER BY j.seq`;
}

const OF_AWARD = "json_extract(r.value,'$.award_id')=$award";
const ITS_ACCOUNTS = 'IN(SELECT account_id FROM budget WHERE award_id=$award)';
export const AWARD_IMAGES = images('award', OF_AWARD);
export const RATE_IMAGES = images('fa_rate', OF_AWARD);
export const ALERTS = `SELECT * FROM alert WHERE award_id=$award OR account_id ${ITS_ACCOUNTS}`;
export const ALERT_IMAGES = images(
  'alert',
  `(${OF_AWARD} OR json_extract(r.value,'$.account_id') ${ITS_ACCOUNTS})`,
);
