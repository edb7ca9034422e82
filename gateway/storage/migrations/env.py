"""What Alembic runs: on a connection that `gateway.storage.migration` gives it."""

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
