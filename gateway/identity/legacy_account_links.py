"""Links between our accounts and accounts at agencies' applications, with proof of both.

The sign-in proves our account (callers require a second factor). The person proves the other account: signed in at the
application, they enter the code there, and the application sends it with its own credentials. An e-mail address or a
NIK links nothing.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.identity.one_time_proofs import OneTimeProofs
from gateway.storage.engine import Database
from gateway.storage.row_locks import changes_one
from gateway.storage.tables.account_links import AccountLinkRow
from gateway.storage.tables.clients import ClientRow

CODE_LIFE: Final = timedelta(minutes=5)
LONGEST_NAME: Final = 128

_USE: Final = "account-link"
_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits that are not mistaken for each other, read or heard."""


@dataclass(frozen=True, slots=True)
class OwnLegacyLink:
    """One link of an account: the application with its titles by language, the account's name there, time of proof."""

    client_id: str
    titles: dict[str, str]
    local: str
    proven_at: datetime


class LegacyAccountLinks:
    """Creates, lists and removes links."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock, proofs: OneTimeProofs) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._proofs = proofs

    async def begin(self, account_id: str, client_id: str) -> tuple[str, datetime] | None:
        """Return a code for this application, and when it expires; None if there is no such application.

        An earlier code of the account becomes invalid.
        """
        async with self._database.session() as session:
            client = await session.get(ClientRow, client_id)
            if client is None or not client.is_active(self._clock()) or not _can_link(client):
                return None
            code = "".join(secrets.choice(_LETTERS) for _ in range(12))
            await self._proofs.invalidate(session, _USE, account_id)
            content = {"account": account_id, "client": client_id}
            self._proofs.add(session, _USE, code, content, life=CODE_LIFE, account_id=account_id)
        return "-".join((code[:4], code[4:8], code[8:])), self._clock() + CODE_LIFE

    async def finish(self, client_id: str, code: str, local: str) -> bool:
        """Link the account that the code was issued for with `local` at this application; False if the code is invalid.

        An earlier link of the account at this application is replaced. A `local` that is linked to another account is
        refused.
        """
        plain = code.replace("-", "").replace(" ", "").upper()
        try:
            async with self._database.session() as session:
                content = await self._proofs.consume(session, _USE, plain)
                if content is None or content["client"] != client_id:
                    return False
                account_id = content["account"]
                mine = (AccountLinkRow.account_id == account_id) & (AccountLinkRow.client_id == client_id)
                await session.execute(delete(AccountLinkRow).where(mine))
                session.add(
                    AccountLinkRow(
                        account_id=account_id,
                        client_id=client_id,
                        local_sealed=self._sealer.seal(_USE, local.encode(), bound_to=_link_key(account_id, client_id)),
                        local_fingerprint=self._sealer.fingerprint(_USE, f"{client_id}\n{local}"),
                        proven_at=self._clock(),
                    )
                )
        except IntegrityError:
            return False
        return True

    async def of(self, account_id: str) -> Sequence[OwnLegacyLink]:
        """Return the links of an account, by title."""
        async with self._database.session() as session:
            rows = await session.execute(
                select(AccountLinkRow, ClientRow)
                .join(ClientRow, ClientRow.id == AccountLinkRow.client_id)
                .where(AccountLinkRow.account_id == account_id)
                .order_by(ClientRow.title_id, ClientRow.id)
            )
            return [
                OwnLegacyLink(
                    client.id,
                    {"id": client.title_id, "en": client.title_en},
                    local_name(self._sealer, row),
                    row.proven_at,
                )
                for row, client in rows
            ]

    async def local(self, account_id: str, client_id: str) -> str | None:
        """Return the account's name at this application, if it is linked."""
        async with self._database.session() as session:
            row = await session.get(AccountLinkRow, (account_id, client_id))
        return local_name(self._sealer, row) if row else None

    async def remove(self, account_id: str, client_id: str) -> bool:
        """Remove a link; False if there is none."""
        mine = (AccountLinkRow.account_id == account_id) & (AccountLinkRow.client_id == client_id)
        async with self._database.session() as session:
            return await changes_one(session, delete(AccountLinkRow).where(mine))


def local_name(sealer: Sealer, row: AccountLinkRow) -> str:
    """Unseal the account's name at the application."""
    return sealer.unseal(_USE, row.local_sealed, bound_to=_link_key(row.account_id, row.client_id)).decode()


def _link_key(account_id: str, client_id: str) -> str:
    return f"{account_id}\n{client_id}"


def _can_link(client: ClientRow) -> bool:
    """Whether people sign in at this client, and it authenticates."""
    return bool(client.redirect_uris) and client.auth_method in {"private_key_jwt", "client_secret_basic"}
