-- Who worked with the ledger: a person on a machine, with a version of the program.
CREATE TABLE actor (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    who TEXT NOT NULL,
    program TEXT NOT NULL,
    began_at INTEGER NOT NULL
);
CREATE TRIGGER actor_stays BEFORE DELETE ON actor
    BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER actor_is_not_rewritten BEFORE UPDATE ON actor
    BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
-- A transition tells who made it, and the attempt that led to it.
ALTER TABLE history ADD COLUMN attempt TEXT;
ALTER TABLE history ADD COLUMN actor INTEGER REFERENCES actor (id);
-- By this SAP finds the exchange in its own logs.
ALTER TABLE attempt ADD COLUMN sap_transaction_id TEXT;

-- What was learnt of each target: whether it honours a RequestID, how many requests at a time it bears.
CREATE TABLE target (
    name TEXT PRIMARY KEY,
    repeatability TEXT CHECK (repeatability IN ('accepted', 'unsupported')),
    capacity INTEGER,
    changed_at INTEGER NOT NULL
);

-- Which ledger this is, and why nothing may be sent from it, if so. One row.
CREATE TABLE identity (
    guid TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    distrust TEXT
);

-- Each claim finds its rows at the beginning of an index, however many others there are.
DROP INDEX document_by_state;
CREATE INDEX document_ready ON document (source, target, id) WHERE state = 'READY';
CREATE INDEX document_owned ON document (owner) WHERE owner IS NOT NULL;
CREATE INDEX document_in_doubt ON document (source, look_at) WHERE state = 'AMBIGUOUS';
CREATE INDEX document_held ON document (source, source_id) WHERE state = 'HELD';
CREATE INDEX document_unconfirmed ON document (source, changed_at) WHERE state = 'DELIVERED';
CREATE INDEX document_not_live ON document (target, doc_key)
    WHERE state IN ('HELD', 'VANISHED', 'REJECTED', 'CONFLICT', 'ACCEPTED');
CREATE INDEX document_in_trouble ON document (source, state)
    WHERE state IN ('REJECTED', 'QUARANTINED', 'CONFLICT', 'VANISHED');
