"""Where entities are kept: SQLite or PostgreSQL. The only place that knows SQLAlchemy; a stranger to payloads."""
