"""Quota of a client's calls to the provider per minute, counted in the database for all processes together."""

from datetime import datetime, timedelta
from typing import Final

from authlib.oauth2.rfc6749 import OAuth2Error
from sqlalchemy import case
from sqlalchemy.orm import Session

from gateway.ground.sealing import Sealer
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.factors import GuessCountRow
from gateway.storage.upsert import insert_into

_MINUTE: Final = timedelta(minutes=1)


class QuotaSpentError(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The client has used up its calls for this minute."""

    error = "temporarily_unavailable"
    description = "The client has made as many calls as it may in a minute."
    status_code = 429

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self._seconds = seconds

    def get_headers(self) -> list[tuple[str, str]]:
        """Return the headers of the error, with `Retry-After` in seconds."""
        return [*super().get_headers(), ("Retry-After", str(self._seconds))]


def count_call(session: Session, sealer: Sealer, client: ClientRow, at: datetime) -> None:
    """Count one call of an authenticated client, or raise `QuotaSpentError`; a minute begins with its first call."""
    if client.quota is None:
        return
    over = GuessCountRow.ends_at <= at
    row = insert_into(GuessCountRow, session.get_bind().dialect.name).values(
        key=sealer.fingerprint("quota", client.id), count=1, ends_at=at + _MINUTE
    )
    counted = row.on_conflict_do_update(
        index_elements=[GuessCountRow.key],
        set_={
            "count": case((over, 1), else_=GuessCountRow.count + 1),
            "ends_at": case((over, at + _MINUTE), else_=GuessCountRow.ends_at),
        },
    ).returning(GuessCountRow.count, GuessCountRow.ends_at)
    count, ends = session.execute(counted).one()
    if count > client.quota:
        raise QuotaSpentError(max(1, round((ends - at).total_seconds())))
