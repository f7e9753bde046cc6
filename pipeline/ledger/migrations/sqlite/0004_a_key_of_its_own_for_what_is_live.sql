-- The key in SAP that a live revision stands for; nothing where it is not live. The unique index no longer depends on the state, so
-- a step from one live state to another does not write it anew: half of what a delivery wrote to random pages.
ALTER TABLE document ADD COLUMN live_key TEXT;
UPDATE document SET live_key = doc_key
    WHERE state IN ('READY', 'SENDING', 'AMBIGUOUS', 'RESOLVING', 'DELIVERED', 'CONFIRMED');
DROP INDEX document_live;
CREATE UNIQUE INDEX document_live ON document (target, live_key) WHERE live_key IS NOT NULL;
CREATE TRIGGER document_enters_with_its_key BEFORE INSERT ON document
    WHEN NEW.live_key IS NOT CASE WHEN NEW.state IN ('READY', 'SENDING', 'AMBIGUOUS', 'RESOLVING', 'DELIVERED', 'CONFIRMED') THEN NEW.doc_key END
    BEGIN SELECT RAISE(ABORT, 'a revision has its key while it is live'); END;
CREATE TRIGGER document_moves_with_its_key BEFORE UPDATE OF state, live_key, doc_key ON document
    WHEN NEW.live_key IS NOT CASE WHEN NEW.state IN ('READY', 'SENDING', 'AMBIGUOUS', 'RESOLVING', 'DELIVERED', 'CONFIRMED') THEN NEW.doc_key END
    BEGIN SELECT RAISE(ABORT, 'a revision has its key while it is live'); END;
