"""Issuers whose link to an account was taken away: a NIK alone does not link them again

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op


revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closed_entrances",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_closed_entrances_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", "issuer", name=op.f("pk_closed_entrances")),
    )


def downgrade() -> None:
    op.drop_table("closed_entrances")
