"""The ledger's tables as SQLAlchemy knows them. The migrations create them; a test holds both equal."""

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text

METADATA = MetaData()

DOCUMENT = Table(
    "document",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
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
    Column("fence", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("sent_at", BigInteger),
    Column("look_at", BigInteger),
    Column("received_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("needs", Text),
    Column("live_key", Text),
)

ATTEMPT = Table(
    "attempt",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("document_id", BigInteger, nullable=False),
    Column("batch_id", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("settled_at", BigInteger),
    Column("outcome", Text),
    Column("http_status", BigInteger),
    Column("sap_code", Text),
    Column("sap_message", Text),
    Column("sap_transaction_id", Text),
)

HISTORY = Table(
    "history",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("document_id", BigInteger, nullable=False),
    Column("before", Text),
    Column("after", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    Column("attempt", Text),
    Column("actor", BigInteger),
)

CURSOR = Table(
    "cursor",
    METADATA,
    Column("source", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("position", Text),
    Column("moved_at", BigInteger, nullable=False),
)

ACTOR = Table(
    "actor",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("who", Text, nullable=False),
    Column("program", Text, nullable=False),
    Column("began_at", BigInteger, nullable=False),
)

TARGET = Table(
    "target",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("repeatability", Text),
    Column("capacity", BigInteger),
    Column("changed_at", BigInteger, nullable=False),
)

IDENTITY = Table(
    "identity",
    METADATA,
    Column("guid", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("distrust", Text),
    Column("distrusted_at", BigInteger, nullable=False),
    Column("trusted_at", BigInteger, nullable=False),
)
