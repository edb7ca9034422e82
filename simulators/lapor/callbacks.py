"""Call-backs: every change of a report is posted to the partner's address until it is acknowledged (Q64)."""

import asyncio
import hashlib
import hmac
import json
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from simulators.clock import Clock
from simulators.lapor.answers import Json
from simulators.lapor.store import Row, Store

if TYPE_CHECKING:
    import httpx

ADDRESS: Final = "callback"
MOST_ATTEMPTS: Final = 30
_WITHIN: Final = 5.0
_LONGEST_PAUSE: Final = 60.0


class CallbackSender:
    """Sends queued changes one after the other; the queue survives a restart."""

    def __init__(self, store: Store, token: str, clock: Clock) -> None:
        self._store = store
        self._token = token
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._wake_event = asyncio.Event()

    def call_back(self, report: Json) -> None:
        """Queue a changed report for the partner, if an address is registered."""
        if self._store.setting(ADDRESS) is None:
            return
        written = json.dumps(report, ensure_ascii=False)
        # The only field is URL-encoded before the form is encoded.
        body = urlencode({"data": quote(written, safe="")})
        self._store.queue(str(uuid.uuid4()), body, self._clock.now().timestamp())
        self.wake()

    def wake(self) -> None:
        """Start sending, unless it is running or nothing is due. Needs a running event loop."""
        self._wake_event.set()
        if (self._task is None or self._task.done()) and self._store.due() is not None:
            self._task = asyncio.get_running_loop().create_task(self._send_all())

    def elapse(self, seconds: float) -> int:
        """Send at once what is due within `seconds`; return the number of unacknowledged changes."""
        pending = self._store.bring_forward(seconds)
        self.wake()
        return pending

    def close(self) -> None:
        """Stop sending."""
        if self._task is not None:
            self._task.cancel()

    async def _send_all(self) -> None:
        import httpx

        async with httpx.AsyncClient(trust_env=False, timeout=_WITHIN) as client:
            while (queued := self._store.due()) is not None:
                address = self._store.setting(ADDRESS)
                if address is None:
                    return
                pause = float(queued["mulai"]) - self._clock.now().timestamp()
                if pause > 0:
                    await self._wait(pause)
                    continue
                attempt = int(queued["percobaan"]) + 1
                if await self._acknowledged(client, address, queued, attempt) or attempt >= MOST_ATTEMPTS:
                    self._store.dequeue(queued["kiriman"])
                else:
                    due = self._clock.now().timestamp() + min(2.0 ** (attempt - 1), _LONGEST_PAUSE)
                    self._store.reschedule(queued["kiriman"], attempt, due)

    async def _wait(self, seconds: float) -> None:
        """Wait for `seconds`, or until a new change is queued."""
        self._wake_event.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake_event.wait(), seconds)

    async def _acknowledged(self, client: "httpx.AsyncClient", address: str, queued: Row, attempt: int) -> bool:
        """Whether the partner acknowledged as expected; the media type of the answer does not matter."""
        import httpx

        at, delivery, body = str(int(self._clock.now().timestamp())), queued["kiriman"], queued["isi"]
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Lapor-Waktu": at,
            "X-Lapor-Kiriman": delivery,
            "X-Lapor-Percobaan": str(attempt),
            "X-Lapor-Tanda": signature(self._token, at, delivery, body.encode()),
        }
        try:
            answer = await client.post(address, content=body.encode(), headers=headers)
            return answer.status_code == 200 and answer.json()["status"] == "1"
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
            return False


def signature(token: str, at: str, delivery: str, body: bytes) -> str:
    """Return the signature of one attempt, over time, delivery and body separated by line breaks."""
    signed = b"\n".join((at.encode(), delivery.encode(), body))
    return hmac.new(token.encode(), signed, hashlib.sha256).hexdigest()
