"""The ledger's tables as SQLAlchemy knows them. The migrations create them; a test holds both equal."""

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text

METADATA = MetaData()

DOCUMENT = Table(
    "document",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("target", Text, nullable=False),
    Column("doc_key", Text),
    Column("record", Text, nullable=False),
    Column("payload", LargeBinary),
    Column("digest", Text, nullable=False),
    Column("currency", Text),
    Column("amount", Text),
    Column("state", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("owner", Text),
    Column("fence", Integer, nullable=False),
    Column("lease_until", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Integer, nullable=False),
    Column("sent_at", Integer),
    Column("look_at", Integer),
    Column("received_at", Integer, nullable=False),
    Column("changed_at", Integer, nullable=False),
    Column("needs", Text),
)

ATTEMPT = Table(
    "attempt",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("document_id", Integer, nullable=False),
    Column("batch_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("created_at", Integer, nullable=False),
    Column("settled_at", Integer),
    Column("outcome", Text),
    Column("http_status", Integer),
    Column("sap_code", Text),
    Column("sap_message", Text),
)

HISTORY = Table(
    "history",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("document_id", Integer, nullable=False),
    Column("before", Text),
    Column("after", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("why", Text, nullable=False),
)

CURSOR = Table(
    "cursor",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("position", Text),
    Column("moved_at", Integer, nullable=False),
)
