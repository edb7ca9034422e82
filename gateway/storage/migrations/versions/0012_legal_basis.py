"""Clients receive the NIK with a legal basis on record only

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op


revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_NIK = "identity.nik"


def upgrade() -> None:
    op.add_column("clients", sa.Column("nik_legal_basis", sa.String(length=200), nullable=True))
    # No legal basis is on record yet, so the scope is removed. An operator grants it again with a basis, and people
    # consent again.
    for name in ("clients", "grants"):
        table = sa.table(name, sa.column("id", sa.String), sa.column("scopes", sa.JSON))
        connection = op.get_bind()
        for row in connection.execute(sa.select(table.c.id, table.c.scopes)).all():
            if _NIK in row.scopes:
                kept = [scope for scope in row.scopes if scope != _NIK]
                connection.execute(table.update().where(table.c.id == row.id).values(scopes=kept))
    op.execute(
        "UPDATE consents SET withdrawn_at = CURRENT_TIMESTAMP WHERE scope = 'identity.nik' AND withdrawn_at IS NULL"
    )


def downgrade() -> None:
    op.drop_column("clients", "nik_legal_basis")
