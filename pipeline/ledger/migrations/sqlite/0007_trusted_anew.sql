-- When a repair trusted this ledger last. What its witnesses saw before says nothing any more: they know this instant, too.
ALTER TABLE identity ADD COLUMN trusted_at INTEGER NOT NULL DEFAULT 0;
