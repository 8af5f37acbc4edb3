-- The books. Tables, names and checks of reliability.md 1.1; what it allows to add is marked with a plus.
-- Append-only tables are guarded by the triggers at the end.
CREATE TABLE cluster(cluster_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE award(award_id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE,   -- a grant
  amount_micro INTEGER NOT NULL CHECK(amount_micro>=0),   -- authorised so far (SF-425 10d)
  start_s INTEGER NOT NULL, end_s INTEGER NOT NULL CHECK(end_s>start_s)) STRICT;
CREATE TABLE award_change(change_id INTEGER PRIMARY KEY, award_id INTEGER NOT NULL REFERENCES award,
  kind TEXT NOT NULL CHECK(kind IN('AWARD','SUPPLEMENT','REDUCTION','NCE','RATE_CHANGE','CARRYOVER')),
  delta_micro INTEGER NOT NULL DEFAULT 0, effective_s INTEGER NOT NULL, reference TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '{}',
  CHECK(delta_micro=0 OR kind IN('AWARD','SUPPLEMENT','REDUCTION'))) STRICT;
CREATE TABLE fa_rate(rate_id INTEGER PRIMARY KEY, award_id INTEGER NOT NULL REFERENCES award,
  rate_e4 INTEGER NOT NULL CHECK(rate_e4 BETWEEN 0 AND 10000), base TEXT NOT NULL CHECK(base IN('MTDC','TDC','none')),
  from_day INTEGER NOT NULL, to_day INTEGER NOT NULL CHECK(to_day>=from_day)) STRICT;
CREATE TABLE account(account_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, parent_id INTEGER REFERENCES account,
  status TEXT NOT NULL DEFAULT 'active' CHECK(status IN('active','inactive','suspended','expired')),
  start_s INTEGER NOT NULL, end_s INTEGER NOT NULL CHECK(end_s>=start_s),
  title TEXT NOT NULL DEFAULT '', description TEXT NOT NULL DEFAULT '',   -- + ours, as every line with a plus
  created_us INTEGER NOT NULL DEFAULT 0, updated_us INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE slurm_name(name TEXT NOT NULL, cluster_id INTEGER NOT NULL DEFAULT 0,   -- 0: on every cluster; a cluster's own row wins
  account_id INTEGER NOT NULL REFERENCES account, PRIMARY KEY(name,cluster_id)) STRICT;
CREATE TABLE budget(budget_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account,
  award_id INTEGER REFERENCES award, rank INTEGER NOT NULL DEFAULT 0,   -- order of draw, lowest first
  basis TEXT NOT NULL DEFAULT 'direct' CHECK(basis IN('direct','total')), closed INTEGER NOT NULL DEFAULT 0,
  UNIQUE(account_id,rank)) STRICT;
CREATE TABLE partition_limit(account_id INTEGER NOT NULL REFERENCES account, partition TEXT NOT NULL CHECK(partition<>''),
  limit_micro INTEGER NOT NULL CHECK(limit_micro>=0), PRIMARY KEY(account_id,partition)) STRICT;
CREATE TABLE ledger_account(la_id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL,   -- owner: 0 of source; award_id; budget_id
  kind TEXT NOT NULL CHECK(kind IN('source', 'award','external','fa_external', 'free','held','spent','fa_held','fa_spent')),
  UNIQUE(kind,owner_id)) STRICT;
CREATE TABLE txn(seq INTEGER PRIMARY KEY, at_us INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK(kind IN('fund','allocate','lapse','transfer','hold','extend','split','move',
    'charge','release','expire','late','adjust','external','reverse')),
  cause TEXT NOT NULL DEFAULT '',   -- amend, bill, refund, manual, final_rate, supplement, deobligation, link, unlink, …
  over INTEGER NOT NULL DEFAULT 0 CHECK(over IN(0,1,2)),  -- 1: real cost above what was free; 2: permitted by choice
  effective_s INTEGER NOT NULL, day INTEGER NOT NULL,   -- when the money belongs (job end); its date YYYYMMDD in the site zone, fixed here
  cluster_id INTEGER REFERENCES cluster,
  hold_id INTEGER REFERENCES hold,
  parent INTEGER REFERENCES txn(seq),   -- an adjust: the charge or late it corrects
  reverses INTEGER UNIQUE REFERENCES txn(seq)) STRICT;
CREATE TABLE posting(txn_seq INTEGER NOT NULL REFERENCES txn(seq), line INTEGER NOT NULL,
  la_id INTEGER NOT NULL REFERENCES ledger_account, amount_micro INTEGER NOT NULL,
  hold_id INTEGER REFERENCES hold,   -- set on every held and fa_held line
  partition TEXT NOT NULL DEFAULT '',   -- set on held, spent, fa_held, fa_spent lines where known
  PRIMARY KEY(txn_seq,line)) STRICT;
CREATE TABLE balance(la_id INTEGER PRIMARY KEY REFERENCES ledger_account, amount_micro INTEGER NOT NULL) STRICT;
CREATE TABLE partition_balance(la_id INTEGER NOT NULL REFERENCES ledger_account, partition TEXT NOT NULL CHECK(partition<>''),
  amount_micro INTEGER NOT NULL, PRIMARY KEY(la_id,partition)) STRICT;
CREATE TABLE below(account_id INTEGER PRIMARY KEY REFERENCES account,   -- sums over all descendants, not the account itself
  held_micro INTEGER NOT NULL, spent_micro INTEGER NOT NULL) STRICT;
CREATE TABLE day_spend(budget_id INTEGER NOT NULL REFERENCES budget, day INTEGER NOT NULL, partition TEXT NOT NULL,
  spent_micro INTEGER NOT NULL, fa_micro INTEGER NOT NULL, PRIMARY KEY(budget_id,day,partition)) STRICT;
CREATE TABLE idem(scope TEXT NOT NULL, key TEXT NOT NULL, request_hash BLOB NOT NULL,
  txn_seq INTEGER REFERENCES txn(seq), answer TEXT NOT NULL, PRIMARY KEY(scope,key)) STRICT;
CREATE TABLE hold(hold_id INTEGER PRIMARY KEY, cluster_id INTEGER NOT NULL REFERENCES cluster,
  budget_id INTEGER NOT NULL REFERENCES budget, token TEXT NOT NULL UNIQUE,
  parent_id INTEGER REFERENCES hold, tasks INTEGER NOT NULL DEFAULT 1 CHECK(tasks>=0),   -- array tasks still under this hold
  job_id INTEGER, array_task INTEGER NOT NULL DEFAULT -1, submit_s INTEGER, restart INTEGER NOT NULL DEFAULT 0,
  partition TEXT NOT NULL DEFAULT '', user_name TEXT NOT NULL DEFAULT '',
  amount_micro INTEGER NOT NULL CHECK(amount_micro>=0), fa_micro INTEGER NOT NULL DEFAULT 0 CHECK(fa_micro>=0),
  state TEXT NOT NULL CHECK(state IN('open','charged','released','expired','split')),
  opened_seq INTEGER NOT NULL, ended_seq INTEGER,   -- txn.seq; I5 checks them: a deferred cycle would scan all postings at each hold
  expires_s INTEGER NOT NULL,
  pricing TEXT NOT NULL DEFAULT '', moves INTEGER NOT NULL DEFAULT 0, created_us INTEGER NOT NULL DEFAULT 0,   -- + what it was priced on; key of move
  CHECK((state='open')=(ended_seq IS NULL)), CHECK((state='split')=(tasks=0)),
  CHECK(CASE tasks WHEN 0 THEN amount_micro+fa_micro=0 ELSE amount_micro%tasks=0 AND fa_micro%tasks=0 END)) STRICT;
CREATE TABLE intent(intent_id INTEGER PRIMARY KEY, cluster_id INTEGER NOT NULL REFERENCES cluster,
  hold_id INTEGER REFERENCES hold, purpose TEXT NOT NULL CHECK(purpose IN('job','admin')),
  client_token TEXT NOT NULL UNIQUE CHECK(length(client_token) BETWEEN 1 AND 64),
  request TEXT NOT NULL, want INTEGER NOT NULL CHECK(want>0), planned_us INTEGER NOT NULL, sent_us INTEGER,
  state TEXT NOT NULL CHECK(state IN('planned','sent','done','failed','unknown')),
  attempt INTEGER NOT NULL DEFAULT 1, job_id INTEGER, nodes TEXT NOT NULL DEFAULT '',   -- + burst.md 5, 9.5
  code TEXT NOT NULL DEFAULT '', aborted INTEGER NOT NULL DEFAULT 0 CHECK(aborted IN(0,1))) STRICT;
CREATE TABLE instance(instance_id TEXT PRIMARY KEY, intent_id INTEGER NOT NULL REFERENCES intent,
  node TEXT NOT NULL, launch_s INTEGER NOT NULL, end_s INTEGER, state TEXT NOT NULL,
  tag_cluster TEXT, tag_intent INTEGER, tag_hold INTEGER,   -- tags as DescribeInstances reported them
  instance_type TEXT NOT NULL DEFAULT '', zone TEXT NOT NULL DEFAULT '',   -- + what it is and costs
  lifecycle TEXT NOT NULL DEFAULT 'on-demand' CHECK(lifecycle IN('spot','on-demand')), address TEXT NOT NULL DEFAULT '',
  rate_e10 INTEGER NOT NULL DEFAULT 0, end_cause TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE usage(usage_id INTEGER PRIMARY KEY, instance_id TEXT NOT NULL REFERENCES instance,
  from_s INTEGER NOT NULL, to_s INTEGER NOT NULL CHECK(to_s>from_s AND to_s-from_s<=604800),
  rate_e10 INTEGER NOT NULL CHECK(rate_e10 BETWEEN 0 AND 15000000000000), amount_micro INTEGER NOT NULL CHECK(amount_micro>=0),
  UNIQUE(instance_id,from_s)) STRICT;
CREATE TABLE share(usage_id INTEGER NOT NULL REFERENCES usage, n INTEGER NOT NULL,   -- who pays a segment
  budget_id INTEGER REFERENCES budget, hold_id INTEGER REFERENCES hold, amount_micro INTEGER NOT NULL CHECK(amount_micro>=0),
  txn_seq INTEGER REFERENCES txn(seq), PRIMARY KEY(usage_id,n), CHECK(budget_id IS NOT NULL OR txn_seq IS NULL)) STRICT;   -- no budget: nobody
CREATE TABLE fa(rate_id INTEGER NOT NULL REFERENCES fa_rate, txn_seq INTEGER NOT NULL REFERENCES txn(seq),
  base_micro INTEGER NOT NULL, amount_micro INTEGER NOT NULL,
  cum_base_micro INTEGER NOT NULL CHECK(cum_base_micro>=0), cum_micro INTEGER NOT NULL, PRIMARY KEY(rate_id,txn_seq)) STRICT;
CREATE TABLE entry(entry_id INTEGER PRIMARY KEY, award_id INTEGER NOT NULL REFERENCES award, day INTEGER NOT NULL,   -- budget.md 8.1
  category TEXT NOT NULL, kind TEXT NOT NULL, share TEXT NOT NULL CHECK(share IN('federal','recipient')), in_mtdc INTEGER NOT NULL,
  amount_micro INTEGER NOT NULL, reference TEXT NOT NULL, txn_seq INTEGER UNIQUE REFERENCES txn(seq),
  CHECK((kind='expenditure' AND share='federal')=(txn_seq IS NOT NULL))) STRICT;
CREATE TABLE schedule(schedule_id INTEGER PRIMARY KEY, budget_id INTEGER NOT NULL REFERENCES budget,
  total_micro INTEGER NOT NULL CHECK(total_micro>0), amount_micro INTEGER NOT NULL CHECK(amount_micro>0),
  unspent TEXT NOT NULL DEFAULT 'carry' CHECK(unspent IN('carry','lapse'))) STRICT;
CREATE TABLE schedule_run(schedule_id INTEGER NOT NULL REFERENCES schedule, due_day INTEGER NOT NULL,   -- YYYYMMDD in the site zone
  txn_seq INTEGER NOT NULL UNIQUE REFERENCES txn(seq), PRIMARY KEY(schedule_id,due_day)) STRICT;
CREATE TABLE journal(seq INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, actor_uid INTEGER NOT NULL, actor TEXT NOT NULL,
  verb TEXT NOT NULL, txn_seq INTEGER UNIQUE REFERENCES txn(seq), body TEXT NOT NULL,
  prev_hash BLOB NOT NULL CHECK(length(prev_hash)=32), hash BLOB NOT NULL CHECK(length(hash)=32)) STRICT;
CREATE UNIQUE INDEX hold_one_open ON hold(cluster_id,job_id,array_task,submit_s,restart)
  WHERE state='open' AND job_id IS NOT NULL;
CREATE INDEX hold_parent ON hold(parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX txn_hold ON txn(hold_id) WHERE hold_id IS NOT NULL;
CREATE INDEX txn_parent ON txn(parent) WHERE parent IS NOT NULL;
CREATE INDEX share_open ON share(hold_id) WHERE txn_seq IS NULL;

-- + small values kept between runs: breakers, counters, last run times
CREATE TABLE note(name TEXT PRIMARY KEY CHECK(name<>''), value TEXT NOT NULL) STRICT;

-- + ways to the rows that hooks ask for; no hook scans a table
CREATE INDEX account_parent ON account(parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX slurm_name_account ON slurm_name(account_id);
CREATE INDEX hold_job ON hold(cluster_id,job_id) WHERE job_id IS NOT NULL;
CREATE INDEX hold_open_user ON hold(cluster_id,user_name) WHERE state='open';
CREATE INDEX hold_open_budget ON hold(budget_id) WHERE state='open';
CREATE INDEX intent_hold ON intent(hold_id) WHERE hold_id IS NOT NULL;
CREATE INDEX intent_open ON intent(cluster_id) WHERE state IN('planned','sent','unknown');
CREATE INDEX instance_intent ON instance(intent_id);
CREATE INDEX share_settled ON share(txn_seq) WHERE txn_seq IS NOT NULL;
CREATE INDEX instance_live ON instance(node) WHERE state<>'closed';

CREATE TRIGGER txn_no_update BEFORE UPDATE ON txn BEGIN SELECT RAISE(ABORT,'txn is append-only'); END;
CREATE TRIGGER txn_no_delete BEFORE DELETE ON txn BEGIN SELECT RAISE(ABORT,'txn is append-only'); END;
CREATE TRIGGER posting_no_update BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT,'posting is append-only'); END;
CREATE TRIGGER posting_no_delete BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT,'posting is append-only'); END;
CREATE TRIGGER idem_no_update BEFORE UPDATE ON idem BEGIN SELECT RAISE(ABORT,'idem is append-only'); END;
CREATE TRIGGER idem_no_delete BEFORE DELETE ON idem BEGIN SELECT RAISE(ABORT,'idem is append-only'); END;
CREATE TRIGGER usage_no_update BEFORE UPDATE ON usage BEGIN SELECT RAISE(ABORT,'usage is append-only'); END;
CREATE TRIGGER usage_no_delete BEFORE DELETE ON usage BEGIN SELECT RAISE(ABORT,'usage is append-only'); END;
CREATE TRIGGER share_no_update BEFORE UPDATE ON share WHEN NOT(OLD.txn_seq IS NULL AND NEW.txn_seq IS NOT NULL AND NEW.usage_id=OLD.usage_id AND NEW.n=OLD.n
  AND NEW.budget_id IS OLD.budget_id AND NEW.hold_id IS OLD.hold_id AND NEW.amount_micro=OLD.amount_micro)
  BEGIN SELECT RAISE(ABORT,'share is append-only'); END;
CREATE TRIGGER share_no_delete BEFORE DELETE ON share BEGIN SELECT RAISE(ABORT,'share is append-only'); END;
CREATE TRIGGER fa_no_update BEFORE UPDATE ON fa BEGIN SELECT RAISE(ABORT,'fa is append-only'); END;
CREATE TRIGGER fa_no_delete BEFORE DELETE ON fa BEGIN SELECT RAISE(ABORT,'fa is append-only'); END;
CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT,'entry is append-only'); END;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT,'entry is append-only'); END;
CREATE TRIGGER award_change_no_update BEFORE UPDATE ON award_change BEGIN SELECT RAISE(ABORT,'award_change is append-only'); END;
CREATE TRIGGER award_change_no_delete BEFORE DELETE ON award_change BEGIN SELECT RAISE(ABORT,'award_change is append-only'); END;
CREATE TRIGGER schedule_run_no_update BEFORE UPDATE ON schedule_run BEGIN SELECT RAISE(ABORT,'schedule_run is append-only'); END;
CREATE TRIGGER schedule_run_no_delete BEFORE DELETE ON schedule_run BEGIN SELECT RAISE(ABORT,'schedule_run is append-only'); END;
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT,'journal is append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT,'journal is append-only'); END;
