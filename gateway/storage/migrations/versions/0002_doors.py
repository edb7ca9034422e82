"""Inbound webhooks: pushes that were stored, and the records that they changed

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "door_pushes",
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("set_aside", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("system", "path", "digest", name=op.f("pk_door_pushes")),
    )
    with op.batch_alter_table("door_pushes", schema=None) as batch_op:
        batch_op.create_index("ix_door_pushes_received_at", ["received_at"], unique=False)

    op.create_table(
        "door_records",
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=32), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("system", "office", "resource", "record_id", name=op.f("pk_door_records")),
    )


def downgrade() -> None:
    op.drop_table("door_records")
    with op.batch_alter_table("door_pushes", schema=None) as batch_op:
        batch_op.drop_index("ix_door_pushes_received_at")

    op.drop_table("door_pushes")
