"""An upgrade keeps what stands in the tables, and may be taken back."""

import pytest
from alembic import command
from sqlalchemy import select, text

from gateway.storage.engine import Database
from gateway.storage.migration import _config, _exclusive, check_current, migrate
from gateway.storage.tables.clients import ClientRow, ConsentRow
from gateway.storage.tables.grants import GrantRow

BEFORE = """
INSERT INTO accounts (id, username, password_hash, display_name, roles, locale, created_at)
VALUES ('a', 'a', '', 'A', '[]', 'id', '2026-11-24 09:00:00');
INSERT INTO clients (id, secret_hash, public, native, title_id, title_en, sector, redirect_uris, scopes, grant_types,
    created_at)
VALUES ('app', NULL, TRUE, TRUE, 'T', 'T', 'app', '[]', '[]', '[]', '2026-11-24 09:00:00'),
    ('web', 'hash', FALSE, FALSE, 'T', 'T', 'web', '[]', '[]', '[]', '2026-11-24 09:00:00');
INSERT INTO grants (id, account_id, client_id, scopes, acr, auth_time, created_at)
VALUES ('g', 'a', 'app', '[]', 1, '2026-11-24 09:00:00', '2026-11-24 09:00:00');
"""


def to(database, revision, way=command.upgrade):
    with _exclusive(database) as connection:
        config = _config()
        config.attributes["connection"] = connection
        way(config, revision)


@pytest.fixture
def database(database_url, anyio_backend):
    made = Database(database_url)
    yield made
    made.sync_engine.dispose()


BEFORE_LEGAL_BASES = """
INSERT INTO accounts (id, username, password_hash, display_name, roles, locale, created_at)
VALUES ('a', 'a', '', 'A', '[]', 'id', '2026-11-24 09:00:00');
INSERT INTO clients (id, auth_method, native, title_id, title_en, sector, redirect_uris, post_logout_redirect_uris,
    scopes, grant_types, audiences, exchange_audiences, dpop_required, created_at)
VALUES ('app', 'none', TRUE, 'T', 'T', 'app', '[]', '[]', '["openid", "identity.nik"]', '[]', '[]', '[]', FALSE,
    '2026-11-24 09:00:00');
INSERT INTO grants (id, account_id, client_id, scopes, acr, auth_time, created_at)
VALUES ('g', 'a', 'app', '["openid", "identity.nik"]', 1, '2026-11-24 09:00:00', '2026-11-24 09:00:00');
INSERT INTO consents (id, account_id, client_id, scope, text_version, given_at)
VALUES (1, 'a', 'app', 'openid', '2026-11', '2026-11-24 09:00:00'),
    (2, 'a', 'app', 'identity.nik', '2026-11', '2026-11-24 09:00:00');
"""


def test_j65_nobody_goes_on_receiving_the_nik_without_a_legal_basis(database):
    to(database, "0011")
    with database.sync_engine.begin() as connection:
        for statement in BEFORE_LEGAL_BASES.split(";\n")[:-1]:
            connection.execute(text(statement.replace(":", "\\:")))
    migrate(database)
    check_current(database)
    with database.sync_session() as session:
        assert session.get_one(ClientRow, "app").scopes == session.get_one(GrantRow, "g").scopes == ["openid"]
        consents = {one.scope: one.withdrawn_at is None for one in session.scalars(select(ConsentRow))}
    assert consents == {"openid": True, "identity.nik": False}
    to(database, "0011", command.downgrade)
    migrate(database)


def test_clients_keep_their_grants_and_say_how_they_authenticate(database):
    to(database, "0002")
    with database.sync_engine.begin() as connection:
        for statement in BEFORE.split(";\n")[:-1]:
            connection.execute(text(statement))
    migrate(database)
    check_current(database)
    with database.sync_engine.connect() as connection:
        methods = connection.execute(text("SELECT id, auth_method, secret_expires_at IS NULL FROM clients ORDER BY id"))
        assert [(row[0], row[1], bool(row[2])) for row in methods] == [
            ("app", "none", True),
            ("web", "client_secret_basic", False),
        ]
        assert connection.scalar(text("SELECT client_id FROM grants")) == "app"
    to(database, "0002", command.downgrade)
    with database.sync_engine.connect() as connection:
        kept = connection.execute(text("SELECT id, public FROM clients ORDER BY id"))
        assert [(row[0], bool(row[1])) for row in kept] == [("app", True), ("web", False)]
    migrate(database)
