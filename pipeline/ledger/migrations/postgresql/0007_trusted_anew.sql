-- When this ledger was distrusted, and when a repair trusted it last. What its witnesses saw before that says nothing any more: they
-- know this instant, too.
ALTER TABLE identity ADD COLUMN distrusted_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE identity ADD COLUMN trusted_at BIGINT NOT NULL DEFAULT 0;
