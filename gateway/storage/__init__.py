"""The database: engine, tables and migrations. SQLite in WAL mode by default, PostgreSQL by URL.

What a table means belongs to the room that uses it; here are its columns, and the statements that several rooms share
(single use, row locks). May import `ground`.
"""
