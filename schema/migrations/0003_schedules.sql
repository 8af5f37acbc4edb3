-- Allocation schedules (budget.md 1.5): what they need beside the fixed columns of 0001. Days are YYYYMMDD in the site zone.
ALTER TABLE schedule ADD COLUMN frequency TEXT NOT NULL DEFAULT 'monthly' CHECK(frequency IN('daily','weekly','monthly','quarterly','yearly'));
ALTER TABLE schedule ADD COLUMN status TEXT NOT NULL DEFAULT 'cancelled' CHECK(status IN('active','paused','completed','cancelled'));
ALTER TABLE schedule ADD COLUMN auto INTEGER NOT NULL DEFAULT 1 CHECK(auto IN(0,1));
ALTER TABLE schedule ADD COLUMN start_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE schedule ADD COLUMN end_day INTEGER;   -- NULL: the account's last day
ALTER TABLE schedule ADD COLUMN anchor_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE schedule ADD COLUMN anchor_index INTEGER NOT NULL DEFAULT 0 CHECK(anchor_index>=0);   -- k of the next due date
ALTER TABLE schedule ADD COLUMN next_day INTEGER CHECK((next_day IS NULL)=(status IN('completed','cancelled')));
ALTER TABLE schedule ADD COLUMN created_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE schedule ADD COLUMN updated_us INTEGER NOT NULL DEFAULT 0;
CREATE INDEX schedule_budget ON schedule(budget_id);
CREATE INDEX schedule_due ON schedule(next_day) WHERE status='active';

-- A correction above budget.second_person_above: nothing is posted until another uid approves it.
CREATE TABLE proposal(proposal_id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, uid INTEGER NOT NULL,
  verb TEXT NOT NULL, args TEXT NOT NULL,   -- JSON: what is asked for
  approved_us INTEGER, approved_uid INTEGER, approved_seq INTEGER REFERENCES txn(seq),
  CHECK((approved_us IS NULL)=(approved_seq IS NULL) AND (approved_us IS NULL)=(approved_uid IS NULL)),
  CHECK(approved_uid IS NULL OR approved_uid<>uid)) STRICT;

-- Sums of allocations are found without a walk through all transactions.
CREATE INDEX txn_allocate ON txn(seq) WHERE kind='allocate';
