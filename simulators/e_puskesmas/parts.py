"""The envelopes of the two parts of the service, which differ in key, types and status codes."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the service.

    `meta` is the second key of its envelope (Q18); `honest`: whether the HTTP status reports the outcome.
    """

    prefix: str
    meta: str
    media_type: str
    uses_http_status: bool
    nothing: str


PCARE: Final = Part("/pcare-rest", "metaData", "application/json;charset=UTF-8", True, "NO_CONTENT")
# Its JSON is declared as text/html (Q16), and its status is always 200 (Q04).
ANTREAN: Final = Part("/antreanfktp", "metadata", "text/html; charset=UTF-8", False, "Poli tidak ditemukan")


@dataclass(frozen=True, slots=True)
class Envelope:
    """The answer format of one endpoint: its part, and whether its codes are text (Q18)."""

    part: Part
    text_codes: bool

    def found(self, content: Any, now: datetime) -> Response:  # noqa: ANN401 - any JSON
        """Return an answer with content."""
        return self._answer(200, content, "OK" if self.part.uses_http_status else "Ok", 200, now)

    def nothing(self, now: datetime) -> Response:
        """Return "nothing found": without a body, or with `null`, depending on the endpoint."""
        if not self.part.uses_http_status:
            return self._answer(200, None, self.part.nothing, 201, now)
        if self.text_codes:
            return self._answer(200, None, self.part.nothing, 204, now)
        return Response(status_code=204, headers=_dated(now))

    def created(self, content: Any, now: datetime) -> Response:  # noqa: ANN401 - any JSON
        """Return "stored"; only the registration part has a separate status for it."""
        return (
            self._answer(201, content, "CREATED", 201, now) if self.part.uses_http_status else self.found(content, now)
        )

    def declined(self, field: str, message: str, now: datetime) -> Response:
        """Return an unsealed refusal of the desk: 412 with the field, or the queue part's generic 201."""
        if self.part.uses_http_status:
            return self._answer(412, [{"field": field, "message": message}], "PRECONDITION_FAILED", 412, now)
        return self._answer(200, None, message, 201, now)

    def refused(self, message: str, code: int, now: datetime) -> Response:
        """Return an unsealed refusal (Q19); a spent quota has status 200 in both parts (Q13)."""
        return self._answer(code if self.part.uses_http_status and code != 429 else 200, None, message, code, now)

    def _answer(self, status: int, content: Any, message: str, code: int, now: datetime) -> Response:  # noqa: ANN401 - any JSON
        meta = {"message": message, "code": str(code) if self.text_codes else code}
        body = json.dumps({"response": content, self.part.meta: meta}, ensure_ascii=False)
        return Response(body.encode(), status, _dated(now), self.part.media_type)


def _dated(now: datetime) -> dict[str, str]:
    """Return the Date header by the office's clock, right or wrong."""
    return {"date": format_datetime(now.astimezone(UTC), usegmt=True)}
