-- Jobs charged, kept with each charge, for counts in any span of days without walking through the charges:
-- jobs of an account charged on `day` and, before it, last on `since` (0: never before). Of the days a to b
-- it is Σ jobs with day in a..b and since < a. Row (0,0): all jobs ever charged.
CREATE TABLE job_day(account_id INTEGER NOT NULL REFERENCES account, day INTEGER NOT NULL, since INTEGER NOT NULL,
  jobs INTEGER NOT NULL, PRIMARY KEY(account_id,day,since)) STRICT, WITHOUT ROWID;
-- One task of an array is found without walking through the others.
DROP INDEX hold_job;
CREATE INDEX hold_job ON hold(cluster_id,job_id,array_task) WHERE job_id IS NOT NULL;
INSERT INTO job_day(account_id,day,since,jobs)
  WITH charged(account_id,job,day) AS (
    SELECT DISTINCT b.account_id, COALESCE(h.cluster_id||' '||h.job_id||' '||h.array_task,'hold '||h.hold_id), t.day
    FROM txn t JOIN hold h ON h.hold_id=t.hold_id JOIN budget b USING(budget_id) WHERE t.kind IN('charge','late')),
  told(account_id,day,since) AS (
    SELECT account_id, day, COALESCE(LAG(day) OVER (PARTITION BY account_id, job ORDER BY day),0) FROM charged)
  SELECT account_id, day, since, COUNT(*) FROM told GROUP BY 1,2,3
  UNION ALL SELECT account_id, 0, 0, COUNT(*) FROM told WHERE since=0 GROUP BY 1;
