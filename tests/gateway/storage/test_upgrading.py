"""An upgrade keeps what stands in the tables, and may be taken back."""

import pytest
from alembic import command
from sqlalchemy import text

from gateway.storage.engine import Database
from gateway.storage.migrating import _alone, _config, check_current, migrate

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
    with _alone(database) as connection:
        config = _config()
        config.attributes["connection"] = connection
        way(config, revision)


@pytest.fixture
def database(database_url, anyio_backend):
    made = Database(database_url)
    yield made
    made.sync_engine.dispose()


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
