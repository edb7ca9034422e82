"""Storage: the engine, the tables, and their migrations. SQLite in WAL mode by default, PostgreSQL by URL."""
