"""Creates accounts with their access tokens in a gateway's home; runs on the path of the measured checkout.

`python -P seed_accounts.py`, with the gateway's environment and `GERBANG_MODE=demo`. Standard input is a JSON object of
NIKs by account name; standard output is one of access tokens by account name. Accounts that exist get a new token. The
tokens are those of a sign-in in the demonstration's mobile app, with all scopes of a resident.
"""

import asyncio
import json
import sys
import uuid

from sqlalchemy import select

from gateway.authentication.principals import NIK_SEAL
from gateway.demo.seed import issue_demo_token, seed_demo
from gateway.ground.clock import now
from gateway.ground.master_key import open_sealer
from gateway.ground.sealing import Sealer
from gateway.policy.principal import Role
from gateway.settings import load_settings
from gateway.storage.engine import Database
from gateway.storage.migration import migrate
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.clients import ClientRow


async def tokens_for(niks: dict[str, str]) -> dict[str, str]:
    """Create the missing accounts; return a token of each."""
    settings = load_settings()
    database, sealer = Database(settings.database, settings.database_limits), open_sealer(settings)
    try:
        await asyncio.to_thread(migrate, database)
        async with database.session() as session:
            is_new = (await session.scalars(select(ClientRow.id).limit(1))).first() is None
        if is_new:
            await seed_demo(database, sealer, settings, {})
        await _add_accounts(database, sealer, niks)
        return {name: await issue_demo_token(database, sealer, settings, name) for name in niks}
    finally:
        await database.aclose()


async def _add_accounts(database: Database, sealer: Sealer, niks: dict[str, str]) -> None:
    async with database.session() as session:
        known = set(await session.scalars(select(AccountRow.username)))
        for name, nik in niks.items():
            if name not in known:
                session.add(
                    AccountRow(
                        id=str(uuid.uuid4()),
                        username=name,
                        display_name=name,
                        created_at=now(),
                        locale="id",
                        password_hash="",
                        roles=[Role.RESIDENT.value],
                        nik_fingerprint=sealer.fingerprint(NIK_SEAL, nik),
                        nik_sealed=sealer.seal(NIK_SEAL, nik.encode()),
                        nik_verified_at=now(),
                        nik_verified_by="operator",
                    )
                )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(tokens_for(json.load(sys.stdin)))))
