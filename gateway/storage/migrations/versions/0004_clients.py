"""Clients with keys, owner, expiry and quota; pushed requests; what is used once or revoked; keys that rotate by the clock

Revision ID: 0004
Revises: 0003
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CLIENTS = sa.table(
    "clients",
    sa.column("auth_method", sa.String()),
    sa.column("secret_hash", sa.String()),
    sa.column("secret_expires_at", sa.DateTime(timezone=True)),
    sa.column("secret_reason", sa.String()),
)
_LISTS = ("audiences", "exchange_audiences", "post_logout_redirect_uris")


def upgrade() -> None:
    op.create_table("pushed_requests",
        sa.Column("reference_hash", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("parameters_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("reference_hash", name=op.f("pk_pushed_requests"))
    )
    with op.batch_alter_table("pushed_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pushed_requests_expires_at"), ["expires_at"], unique=False)

    op.create_table("seen_tokens",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_seen_tokens"))
    )
    with op.batch_alter_table("seen_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seen_tokens_expires_at"), ["expires_at"], unique=False)

    op.create_table("revoked_tokens",
        sa.Column("jti", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_revoked_tokens"))
    )
    with op.batch_alter_table("revoked_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revoked_tokens_expires_at"), ["expires_at"], unique=False)

    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.add_column(sa.Column("auth_method", sa.String(length=32), nullable=False, server_default="none"))
        batch_op.add_column(sa.Column("secret_expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("secret_reason", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("jwks", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("jwks_uri", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("owner", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("agency", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("purpose", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("quota", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("resource", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("backchannel_logout_uri", sa.Text(), nullable=True))
        for name in _LISTS:
            batch_op.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_clients_resource"), ["resource"], unique=True)

    # No batch from here on: SQLite would make the tables anew, and what refers to their rows forbids that.
    op.add_column("clients", sa.Column("dpop_required", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        _CLIENTS.update()
        .where(_CLIENTS.c.secret_hash.is_not(None))
        .values(
            auth_method="client_secret_basic",
            secret_expires_at=datetime.now(UTC) + timedelta(days=90),
            secret_reason="registered before secrets expired",
        )
    )
    op.execute("ALTER TABLE clients DROP COLUMN public")

    with op.batch_alter_table("signing_keys", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False, server_default="2026-01-01 00:00:00")
        )
        batch_op.add_column(sa.Column("retires_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE signing_keys SET signs_from = created_at")
    op.execute("ALTER TABLE signing_keys DROP COLUMN state")


def downgrade() -> None:
    with op.batch_alter_table("signing_keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(length=16), nullable=False, server_default="signing"))
    op.execute("ALTER TABLE signing_keys DROP COLUMN retires_at")
    op.execute("ALTER TABLE signing_keys DROP COLUMN signs_from")

    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clients_resource"))
    op.add_column("clients", sa.Column("public", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE clients SET public = (auth_method = 'none')")
    for name in (
        "withdrawn_at", "expires_at", *reversed(_LISTS), "backchannel_logout_uri", "dpop_required", "resource", "quota",
        "purpose", "agency", "owner", "jwks_uri", "jwks", "secret_reason", "secret_expires_at", "auth_method",
    ):
        op.execute(f"ALTER TABLE clients DROP COLUMN {name}")

    for table in ("revoked_tokens", "seen_tokens", "pushed_requests"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_expires_at"))
        op.drop_table(table)
