"""Accounts at agencies' applications that belong to accounts of ours

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op


revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("account_links",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("local_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("local_fingerprint", sa.String(length=64), nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_links_account_id_accounts")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_account_links_client_id_clients")),
        sa.PrimaryKeyConstraint("account_id", "client_id", name=op.f("pk_account_links")),
        sa.UniqueConstraint("client_id", "local_fingerprint", name="uq_account_links_client_id")
    )


def downgrade() -> None:
    op.drop_table("account_links")
