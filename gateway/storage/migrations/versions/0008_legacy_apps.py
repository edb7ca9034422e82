"""Applications of agencies that sign people in with us but do not support OpenID, and their tickets

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("legacy_apps",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=True),
        sa.Column("ticket_uri", sa.Text(), nullable=True),
        sa.Column("acr", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_legacy_apps_client_id_clients")),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_legacy_apps")),
        sa.UniqueConstraint("origin", name=op.f("uq_legacy_apps_origin"))
    )
    op.create_table("login_tickets",
        sa.Column("ticket_hash", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("grant_id", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_login_tickets_client_id_clients")),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_login_tickets_grant_id_grants")),
        sa.PrimaryKeyConstraint("ticket_hash", name=op.f("pk_login_tickets"))
    )
    with op.batch_alter_table("login_tickets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_tickets_expires_at"), ["expires_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("login_tickets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_tickets_expires_at"))
    op.drop_table("login_tickets")
    op.drop_table("legacy_apps")
