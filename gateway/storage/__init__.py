"""The database: engine, tables and migrations. SQLite in WAL mode by default, PostgreSQL by URL.

The meaning of a table belongs to the room that uses it. This room has the columns, and the statements that several
rooms share (single use, row locks). May import `ground`.
"""
