"""The SQL engine: one bounded, read-only statement at a time on SQLite, PostgreSQL or MariaDB."""
