"""The Alembic environment: runs on the connection of `gateway.storage.migration`."""

from alembic import context

from gateway.storage.tables import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    version_table="gerbang_schema",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
