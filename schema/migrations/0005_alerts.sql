-- Alerts (budget.md 1.10, 4.8), what is to be told of them, deadlines (1.11).
-- An alert belongs to an account, or to an award, or to neither: then to the site.
CREATE TABLE alert(alert_id INTEGER PRIMARY KEY,
  account_id INTEGER REFERENCES account, award_id INTEGER REFERENCES award,
  type TEXT NOT NULL CHECK(type IN('burn_rate_high','burn_rate_low','budget_threshold','grant_expiring','period_ending',
    'overspend_risk','underspend_risk','compliance_warning','stale_hold','reconciliation_failed','unusual_job')),
  rule TEXT NOT NULL CHECK(rule<>''),
  severity TEXT NOT NULL CHECK(severity IN('info','warning','critical')),
  status TEXT NOT NULL CHECK(status IN('active','acknowledged','resolved','dismissed')),
  threshold TEXT NOT NULL, actual TEXT NOT NULL,   -- decimals as text
  message TEXT NOT NULL, details TEXT NOT NULL DEFAULT '{}',   -- JSON
  triggered_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,
  acknowledged_us INTEGER, acknowledged_by TEXT NOT NULL DEFAULT '', notes TEXT NOT NULL DEFAULT '',
  snoozed_until_s INTEGER,
  resolved_us INTEGER,   -- when the condition was gone; a dismissed alert stays dismissed
  CHECK((account_id IS NULL) OR (award_id IS NULL)),
  CHECK(status<>'resolved' OR resolved_us IS NOT NULL),
  CHECK(status NOT IN('active','acknowledged') OR resolved_us IS NULL),
  CHECK(status<>'acknowledged' OR acknowledged_us IS NOT NULL),
  CHECK(json_valid(details))) STRICT;
-- One standing alert for one crossing of one rule, whatever the evaluations.
CREATE UNIQUE INDEX alert_standing ON alert(COALESCE(account_id,0),COALESCE(award_id,0),type,rule) WHERE resolved_us IS NULL;
CREATE INDEX alert_account ON alert(account_id) WHERE account_id IS NOT NULL;
CREATE INDEX alert_award ON alert(award_id) WHERE award_id IS NOT NULL;

-- One message to one receiver, written with the alert it tells of. sending: claimed until lease_us; whoever
-- finds the lease over sends it again under the same message_key, by which the receiver knows it.
CREATE TABLE outbox(message_id INTEGER PRIMARY KEY, alert_id INTEGER NOT NULL REFERENCES alert,
  message_key TEXT NOT NULL UNIQUE CHECK(length(message_key) BETWEEN 1 AND 100),
  channel TEXT NOT NULL CHECK(channel IN('smtp','slack','webhook')),
  target TEXT NOT NULL,   -- smtp: one address; else ''
  event TEXT NOT NULL CHECK(event IN('triggered','escalated','reminder','resolved')),
  body TEXT NOT NULL CHECK(json_valid(body)),   -- the alert as it was then
  state TEXT NOT NULL CHECK(state IN('waiting','sending','sent','failed')),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK(attempts>=0),
  created_us INTEGER NOT NULL, next_us INTEGER NOT NULL, lease_us INTEGER, done_us INTEGER,
  error TEXT NOT NULL DEFAULT '',
  CHECK((state='sending')=(lease_us IS NOT NULL)), CHECK((state IN('sent','failed'))=(done_us IS NOT NULL))) STRICT;
CREATE INDEX outbox_open ON outbox(next_us) WHERE state IN('waiting','sending');
CREATE INDEX outbox_alert ON outbox(alert_id);

CREATE TABLE deadline(deadline_id INTEGER PRIMARY KEY,
  account_id INTEGER REFERENCES account, award_id INTEGER REFERENCES award,
  type TEXT NOT NULL CHECK(type IN('CONFERENCE','GRANT_REPORT','PERIOD_END','RENEWAL')),
  description TEXT NOT NULL CHECK(description<>''), day INTEGER NOT NULL,   -- YYYYMMDD in the site zone
  budget_impact TEXT NOT NULL DEFAULT '', recommendations TEXT NOT NULL DEFAULT '[]' CHECK(json_valid(recommendations)),
  removed INTEGER NOT NULL DEFAULT 0 CHECK(removed IN(0,1)), created_us INTEGER NOT NULL,
  CHECK((account_id IS NULL)<>(award_id IS NULL))) STRICT;
CREATE UNIQUE INDEX deadline_once ON deadline(COALESCE(account_id,0),COALESCE(award_id,0),type,day,description) WHERE removed=0;

-- The last charged jobs of a budget: what an unusual job is compared with.
CREATE INDEX hold_charged ON hold(budget_id,ended_seq) WHERE state='charged';
