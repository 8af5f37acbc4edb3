-- Ways to the transactions of one account, for lists and usage: free and spent lines name no hold, and
-- nearly every transaction of a budget has one of them (a split has not).
CREATE INDEX posting_own ON posting(la_id,txn_seq) WHERE hold_id IS NULL;
-- What a day's jobs cost, for counts of jobs in a span.
CREATE INDEX txn_cost ON txn(day,kind,hold_id) WHERE kind IN('charge','late','adjust');
-- The few among the many: whoever asks for these kinds alone does not walk through every hold.
CREATE INDEX txn_rare ON txn(kind,seq) WHERE kind NOT IN('hold','charge','release','expire','extend');

-- Daily burn rates (budget.md 1.9): a cache for outside readers, made again from day_spend at any time.
-- Money in micro-dollars, rates and averages rounded to cents; percentages and the score in 1/10000.
CREATE TABLE burn_rate(account_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE, day INTEGER NOT NULL,
  spend_micro INTEGER NOT NULL, expected_micro INTEGER NOT NULL, variance_e4 INTEGER NOT NULL,
  rolling7_micro INTEGER NOT NULL, rolling30_micro INTEGER NOT NULL,
  cum_spend_micro INTEGER NOT NULL, cum_expected_micro INTEGER NOT NULL, cum_variance_e4 INTEGER NOT NULL,
  end_day INTEGER, depletion_day INTEGER,   -- as projected; NULL: not enough data, or the money lasts
  score_e4 INTEGER NOT NULL, created_us INTEGER NOT NULL,
  PRIMARY KEY(account_id,day)) STRICT, WITHOUT ROWID;
