-- What jobs really cost beside what was estimated (budget.md 1.11, 4.11), and what is learned of it (4.12).
-- txn_seq and the keys are no foreign keys of txn: a reconciliation is written before its postings.
CREATE TABLE reconciliation(recon_id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, day INTEGER NOT NULL,
  source TEXT NOT NULL CHECK(source IN('api','epilog','file','comment')),
  job TEXT NOT NULL, hold_id INTEGER REFERENCES hold, account TEXT NOT NULL, partition TEXT NOT NULL,
  profile TEXT NOT NULL DEFAULT '', state TEXT NOT NULL DEFAULT '', txn_seq INTEGER,
  estimated_micro INTEGER, actual_micro INTEGER NOT NULL, hold_micro INTEGER NOT NULL,
  released_micro INTEGER NOT NULL, additional_micro INTEGER NOT NULL,
  variance_pct TEXT NOT NULL, ratio TEXT NOT NULL, accuracy TEXT NOT NULL,   -- decimals as text
  priced INTEGER NOT NULL DEFAULT 0 CHECK(priced IN(0,1)),   -- 1: no real cost was known, the time was priced
  learned INTEGER NOT NULL CHECK(learned IN(0,1)), success INTEGER NOT NULL CHECK(success IN(0,1)),
  error TEXT NOT NULL DEFAULT '', duration_ms INTEGER NOT NULL, payload TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX reconciliation_at ON reconciliation(at_us);
CREATE INDEX reconciliation_hold ON reconciliation(hold_id) WHERE hold_id IS NOT NULL;
-- One sample a job; an amended cost replaces it and it keeps its place.
CREATE TABLE cost_sample(sample_id INTEGER PRIMARY KEY, hold_id INTEGER NOT NULL UNIQUE REFERENCES hold,
  account TEXT NOT NULL, partition TEXT NOT NULL, profile TEXT NOT NULL,
  ratio TEXT NOT NULL, accuracy TEXT NOT NULL) STRICT;
CREATE INDEX cost_sample_key ON cost_sample(partition,profile,account,sample_id);
CREATE TABLE cost_model(account TEXT NOT NULL, partition TEXT NOT NULL, profile TEXT NOT NULL,
  factor TEXT NOT NULL, samples INTEGER NOT NULL CHECK(samples>=0), mean_accuracy TEXT NOT NULL,
  updated_us INTEGER NOT NULL, PRIMARY KEY(account,partition,profile)) STRICT;
CREATE TABLE performance(hold_id INTEGER PRIMARY KEY REFERENCES hold, at_us INTEGER NOT NULL, day INTEGER NOT NULL,
  job TEXT NOT NULL, account TEXT NOT NULL, partition TEXT NOT NULL, profile TEXT NOT NULL,
  cpu_efficiency TEXT, memory_efficiency TEXT, gpu_efficiency TEXT,   -- decimals as text
  traits TEXT NOT NULL DEFAULT '',   -- compute,memory,io,network: what the job is intensive in
  ratio TEXT NOT NULL, advice TEXT NOT NULL DEFAULT '{}' CHECK(json_valid(advice))) STRICT;
CREATE INDEX performance_at ON performance(at_us);
