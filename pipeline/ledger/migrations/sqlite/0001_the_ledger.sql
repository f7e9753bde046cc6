-- One row per revision of an invoice. Instants are milliseconds since 1970 UTC, amounts are text: no float anywhere.
CREATE TABLE document (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    source_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    target TEXT NOT NULL,
    doc_key TEXT,
    record TEXT NOT NULL,
    payload BLOB,
    digest TEXT NOT NULL,
    currency TEXT,
    amount TEXT,
    state TEXT NOT NULL,
    reasons TEXT NOT NULL DEFAULT '[]',
    owner TEXT,
    fence INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL DEFAULT 0,
    sent_at INTEGER,
    look_at INTEGER,
    received_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    UNIQUE (source, source_id, revision)
);
CREATE INDEX document_by_state ON document (state, source, not_before);
-- The database's own guard against a second document: one live revision per key of a target.
CREATE UNIQUE INDEX document_live ON document (target, doc_key)
    WHERE state IN ('READY', 'SENDING', 'AMBIGUOUS', 'RESOLVING', 'DELIVERED', 'CONFIRMED');

-- One row per document and request; its id is the RequestID. The outcome is written once.
CREATE TABLE attempt (
    id TEXT PRIMARY KEY,
    document_id INTEGER NOT NULL REFERENCES document (id),
    batch_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    settled_at INTEGER,
    outcome TEXT,
    http_status INTEGER,
    sap_code TEXT,
    sap_message TEXT
);
CREATE INDEX attempt_by_document ON attempt (document_id);
CREATE TRIGGER attempt_stays BEFORE DELETE ON attempt
    BEGIN SELECT RAISE(ABORT, 'attempts are kept'); END;
CREATE TRIGGER attempt_is_settled_once BEFORE UPDATE ON attempt WHEN OLD.outcome IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'an attempt is settled once'); END;

-- Every transition, in order.
CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES document (id),
    before TEXT,
    after TEXT NOT NULL,
    at INTEGER NOT NULL,
    why TEXT NOT NULL DEFAULT ''
);
CREATE INDEX history_by_document ON history (document_id);
CREATE TRIGGER history_stays BEFORE DELETE ON history
    BEGIN SELECT RAISE(ABORT, 'history is kept'); END;
CREATE TRIGGER history_is_not_rewritten BEFORE UPDATE ON history
    BEGIN SELECT RAISE(ABORT, 'history is kept'); END;

-- How far each stream of a source has been read; moves in the transaction that stores the page.
CREATE TABLE cursor (
    source TEXT NOT NULL,
    stream TEXT NOT NULL,
    position TEXT,
    moved_at INTEGER NOT NULL,
    PRIMARY KEY (source, stream)
);
