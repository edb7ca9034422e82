"""Webhooks: rename the tables of pushes and of pushed records

Revision ID: 0015
Revises: 0014
"""

from alembic import op


revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rename("door", "webhook")


def downgrade() -> None:
    _rename("webhook", "door")


def _rename(old: str, new: str) -> None:
    """Rename both tables, their primary keys (which SQLite does not name apart from the table) and their index."""
    op.drop_index(f"ix_{old}_pushes_received_at", f"{old}_pushes")
    for table in ("pushes", "records"):
        op.rename_table(f"{old}_{table}", f"{new}_{table}")
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"ALTER INDEX pk_{old}_{table} RENAME TO pk_{new}_{table}")
    op.create_index(f"ix_{new}_pushes_received_at", f"{new}_pushes", ["received_at"])
