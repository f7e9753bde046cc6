-- The ledger as it is on SQLite since its third version; there are no earlier ones on PostgreSQL.
-- One row per revision of an invoice. Instants are milliseconds since 1970 UTC, amounts are text: no float anywhere.
-- Names sort by their code points (COLLATE "C"), as they do in Python and in SQLite.
CREATE TABLE document (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    doc_key TEXT COLLATE "C",
    record TEXT NOT NULL,
    payload BYTEA,
    digest TEXT NOT NULL,
    currency TEXT,
    amount TEXT,
    state TEXT NOT NULL,
    reasons TEXT NOT NULL DEFAULT '[]',
    owner TEXT,
    fence BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    not_before BIGINT NOT NULL DEFAULT 0,
    sent_at BIGINT,
    look_at BIGINT,
    received_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    needs TEXT COLLATE "C",
    UNIQUE (source, source_id, revision)
);
-- The database's own guard against a second document: one live revision per key of a target.
CREATE UNIQUE INDEX document_live ON document (target, doc_key)
    WHERE state IN ('READY', 'SENDING', 'AMBIGUOUS', 'RESOLVING', 'DELIVERED', 'CONFIRMED');
CREATE INDEX document_needs ON document (source, needs) WHERE needs IS NOT NULL;
-- Each claim finds its rows at the beginning of an index, however many others there are.
CREATE INDEX document_ready ON document (source, target, id) WHERE state = 'READY';
CREATE INDEX document_owned ON document (owner) WHERE owner IS NOT NULL;
CREATE INDEX document_in_doubt ON document (source, look_at) WHERE state = 'AMBIGUOUS';
CREATE INDEX document_held ON document (source, source_id) WHERE state = 'HELD';
CREATE INDEX document_unconfirmed ON document (source, changed_at) WHERE state = 'DELIVERED';
CREATE INDEX document_not_live ON document (target, doc_key)
    WHERE state IN ('HELD', 'VANISHED', 'REJECTED', 'CONFLICT', 'ACCEPTED');
CREATE INDEX document_in_trouble ON document (source, state)
    WHERE state IN ('REJECTED', 'QUARANTINED', 'CONFLICT', 'VANISHED');

-- One row per document and request; its id is the RequestID. The outcome is written once.
CREATE TABLE attempt (
    id TEXT PRIMARY KEY,
    document_id BIGINT NOT NULL REFERENCES document (id),
    batch_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    settled_at BIGINT,
    outcome TEXT,
    http_status BIGINT,
    sap_code TEXT,
    sap_message TEXT,
    sap_transaction_id TEXT
);
CREATE INDEX attempt_by_document ON attempt (document_id);

-- Who worked with the ledger: a person on a machine, with a version of the program.
CREATE TABLE actor (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    who TEXT NOT NULL,
    program TEXT NOT NULL,
    began_at BIGINT NOT NULL
);

-- Every transition, in order: who made it, and the attempt that led to it.
CREATE TABLE history (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id BIGINT NOT NULL REFERENCES document (id),
    before TEXT,
    after TEXT NOT NULL,
    at BIGINT NOT NULL,
    why TEXT NOT NULL DEFAULT '',
    attempt TEXT,
    actor BIGINT REFERENCES actor (id)
);
CREATE INDEX history_by_document ON history (document_id);

CREATE FUNCTION is_kept() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '% is kept', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER history_is_not_rewritten BEFORE UPDATE OR DELETE ON history FOR EACH ROW EXECUTE FUNCTION is_kept();
CREATE TRIGGER history_stays BEFORE TRUNCATE ON history EXECUTE FUNCTION is_kept();
CREATE TRIGGER actor_is_not_rewritten BEFORE UPDATE OR DELETE ON actor FOR EACH ROW EXECUTE FUNCTION is_kept();
CREATE TRIGGER actor_stays BEFORE TRUNCATE ON actor EXECUTE FUNCTION is_kept();
CREATE TRIGGER attempt_stays BEFORE DELETE ON attempt FOR EACH ROW EXECUTE FUNCTION is_kept();
CREATE TRIGGER attempts_stay BEFORE TRUNCATE ON attempt EXECUTE FUNCTION is_kept();
CREATE TRIGGER attempt_is_settled_once BEFORE UPDATE ON attempt FOR EACH ROW
    WHEN (OLD.outcome IS NOT NULL) EXECUTE FUNCTION is_kept();

-- How far each stream of a source has been read; moves in the transaction that stores the page.
CREATE TABLE cursor (
    source TEXT NOT NULL,
    stream TEXT NOT NULL,
    position TEXT,
    moved_at BIGINT NOT NULL,
    PRIMARY KEY (source, stream)
);

-- What was learnt of each target: whether it honours a RequestID, how many requests at a time it bears.
CREATE TABLE target (
    name TEXT PRIMARY KEY,
    repeatability TEXT CHECK (repeatability IN ('accepted', 'unsupported')),
    capacity BIGINT,
    changed_at BIGINT NOT NULL
);

-- Which ledger this is, and why nothing may be sent from it, if so. One row.
CREATE TABLE identity (
    guid TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL,
    distrust TEXT
);
