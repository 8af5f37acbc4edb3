-- Grants: what people say of an award, beside the columns that the books need (budget.md 1.7, 8.1).
ALTER TABLE award ADD COLUMN agency TEXT NOT NULL DEFAULT '';
ALTER TABLE award ADD COLUMN program TEXT NOT NULL DEFAULT '';
ALTER TABLE award ADD COLUMN pi TEXT NOT NULL DEFAULT '';
ALTER TABLE award ADD COLUMN co_pis TEXT NOT NULL DEFAULT '[]';   -- JSON array of names
ALTER TABLE award ADD COLUMN institution TEXT NOT NULL DEFAULT '';
ALTER TABLE award ADD COLUMN department TEXT NOT NULL DEFAULT '';
ALTER TABLE award ADD COLUMN total_micro INTEGER NOT NULL DEFAULT 0 CHECK(total_micro>=0);   -- total_award_amount
ALTER TABLE award ADD COLUMN direct_micro INTEGER CHECK(direct_micro>=0);   -- NULL: total / (1 + rate), to the cent
ALTER TABLE award ADD COLUMN period_months INTEGER NOT NULL DEFAULT 12 CHECK(period_months BETWEEN 1 AND 60);
ALTER TABLE award ADD COLUMN status TEXT NOT NULL DEFAULT 'active'
  CHECK(status IN('pending','active','suspended','completed','cancelled'));
ALTER TABLE award ADD COLUMN compliance TEXT NOT NULL DEFAULT '';   -- JSON text or nothing
ALTER TABLE award ADD COLUMN federal_award_id TEXT NOT NULL DEFAULT '';
ALTER TABLE award ADD COLUMN project_code TEXT NOT NULL DEFAULT '';
ALTER TABLE award ADD COLUMN cost_center TEXT NOT NULL DEFAULT '';
ALTER TABLE award ADD COLUMN fain TEXT NOT NULL DEFAULT '';
ALTER TABLE award ADD COLUMN aln TEXT NOT NULL DEFAULT '';   -- assistance listing number
ALTER TABLE award ADD COLUMN uei TEXT NOT NULL DEFAULT '';
ALTER TABLE award ADD COLUMN ein TEXT NOT NULL DEFAULT '';
ALTER TABLE award ADD COLUMN recipient_account TEXT NOT NULL DEFAULT '';
ALTER TABLE award ADD COLUMN accounting TEXT NOT NULL DEFAULT 'accrual' CHECK(accounting IN('cash','accrual'));
ALTER TABLE award ADD COLUMN cost_share_micro INTEGER NOT NULL DEFAULT 0 CHECK(cost_share_micro>=0);
ALTER TABLE award ADD COLUMN subaward_cap_micro INTEGER NOT NULL DEFAULT 50000000000 CHECK(subaward_cap_micro>=0);
ALTER TABLE award ADD COLUMN cloud_in_mtdc INTEGER NOT NULL DEFAULT 1 CHECK(cloud_in_mtdc IN(0,1));
ALTER TABLE award ADD COLUMN carryover TEXT NOT NULL DEFAULT 'automatic'
  CHECK(carryover IN('automatic','prior_approval','none'));
ALTER TABLE award ADD COLUMN report_frequency TEXT NOT NULL DEFAULT 'annual'
  CHECK(report_frequency IN('quarterly','semi_annual','annual'));
ALTER TABLE award ADD COLUMN legal_hold INTEGER NOT NULL DEFAULT 0 CHECK(legal_hold IN(0,1));
ALTER TABLE award ADD COLUMN closed_us INTEGER;
ALTER TABLE award ADD COLUMN created_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE award ADD COLUMN updated_us INTEGER NOT NULL DEFAULT 0;

ALTER TABLE award_change ADD COLUMN approved_by TEXT NOT NULL DEFAULT '';
ALTER TABLE award_change ADD COLUMN notes TEXT NOT NULL DEFAULT '';
ALTER TABLE award_change ADD COLUMN created_us INTEGER NOT NULL DEFAULT 0;

ALTER TABLE fa_rate ADD COLUMN type TEXT NOT NULL DEFAULT 'predetermined'
  CHECK(type IN('provisional','predetermined','final','fixed','de_minimis'));
-- A row that another took the place of keeps its history in fa and rates nothing any more.
ALTER TABLE fa_rate ADD COLUMN replaced_by INTEGER REFERENCES fa_rate;

ALTER TABLE entry ADD COLUMN subaward TEXT NOT NULL DEFAULT '';   -- which subaward the cap counts for
ALTER TABLE entry ADD COLUMN notes TEXT NOT NULL DEFAULT '';
ALTER TABLE entry ADD COLUMN created_us INTEGER NOT NULL DEFAULT 0;

-- Cost sharing by job (budget.md 8.3): 10000 = wholly federal.
ALTER TABLE account ADD COLUMN federal_share_e4 INTEGER NOT NULL DEFAULT 10000 CHECK(federal_share_e4 BETWEEN 0 AND 10000);

-- The recipient's part of a charge, late or adjust, where the account did not say wholly federal.
CREATE TABLE cost_share(txn_seq INTEGER PRIMARY KEY REFERENCES txn(seq), share_e4 INTEGER NOT NULL CHECK(share_e4 BETWEEN 0 AND 9999),
  recipient_micro INTEGER NOT NULL, recipient_fa_micro INTEGER NOT NULL) STRICT;
CREATE TRIGGER cost_share_no_update BEFORE UPDATE ON cost_share BEGIN SELECT RAISE(ABORT,'cost_share is append-only'); END;
CREATE TRIGGER cost_share_no_delete BEFORE DELETE ON cost_share BEGIN SELECT RAISE(ABORT,'cost_share is append-only'); END;

-- Financial reports that were handed in (budget.md 8.6).
CREATE TABLE award_report(award_id INTEGER NOT NULL REFERENCES award,
  kind TEXT NOT NULL CHECK(kind IN('quarterly','semi_annual','annual','final')), period_end_day INTEGER NOT NULL,
  submitted_day INTEGER NOT NULL, reference TEXT NOT NULL DEFAULT '', created_us INTEGER NOT NULL,
  PRIMARY KEY(award_id,kind,period_end_day)) STRICT;

CREATE INDEX budget_award ON budget(award_id) WHERE award_id IS NOT NULL;
CREATE INDEX award_change_award ON award_change(award_id);
CREATE INDEX fa_rate_award ON fa_rate(award_id);
CREATE INDEX entry_award ON entry(award_id,day);
CREATE INDEX fa_txn ON fa(txn_seq);
