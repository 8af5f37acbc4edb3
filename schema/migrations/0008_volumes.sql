-- Volumes (burst.md COST-8): what each volume of an instance costs a month, in micro-dollars, as it was at its
-- launch; what they cost in a segment and in a share of it; and the transaction of its own that paid that.
ALTER TABLE instance ADD COLUMN volumes TEXT NOT NULL DEFAULT '[]';
-- COST-9: nobody knew its own price, the hold's or the launch's stands for it.
ALTER TABLE instance ADD COLUMN price_missing INTEGER NOT NULL DEFAULT 0 CHECK(price_missing IN(0,1));
ALTER TABLE usage ADD COLUMN volume_micro INTEGER NOT NULL DEFAULT 0 CHECK(volume_micro>=0);
ALTER TABLE share ADD COLUMN volume_micro INTEGER NOT NULL DEFAULT 0 CHECK(volume_micro>=0);
ALTER TABLE share ADD COLUMN volume_seq INTEGER REFERENCES txn(seq);
CREATE INDEX share_volume ON share(volume_seq) WHERE volume_seq IS NOT NULL;
-- Either transaction is set once, from NULL; nothing else ever changes.
DROP TRIGGER share_no_update;
CREATE TRIGGER share_no_update BEFORE UPDATE ON share WHEN NOT((OLD.txn_seq IS NULL OR NEW.txn_seq IS OLD.txn_seq)
  AND (OLD.volume_seq IS NULL OR NEW.volume_seq IS OLD.volume_seq)
  AND (NEW.txn_seq IS NOT OLD.txn_seq OR NEW.volume_seq IS NOT OLD.volume_seq)
  AND NEW.usage_id=OLD.usage_id AND NEW.n=OLD.n AND NEW.budget_id IS OLD.budget_id AND NEW.hold_id IS OLD.hold_id
  AND NEW.amount_micro=OLD.amount_micro AND NEW.volume_micro=OLD.volume_micro)
  BEGIN SELECT RAISE(ABORT,'share is append-only'); END;
