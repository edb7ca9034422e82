"""Steps of an applicant on a submitted application: submitting missing information, and withdrawing.

Each step adds a stamp to the application's page, with the receipt code at the end of its note.
"""

from collections.abc import Mapping
from typing import Final

from adapters.contract import Absent, Refused, Stored
from adapters.e_kelurahan import client, codes, pages
from adapters.e_kelurahan.answers import goes_to, good
from adapters.e_kelurahan.client import OurCall
from adapters.errors import UpstreamMalformedError
from adapters.legacy.receipts import ends_with_code
from adapters.upstream import HttpRequest
from schemas.application import SupplementApplication, WithdrawApplication

_UNKNOWN: Final = Refused("application-unknown", "Permohonan tidak ditemukan.")
_TOO_LATE: Final = Refused("too-late", "Permohonan ini sudah diputuskan.")


async def take(call: OurCall, key: str, fields: Mapping[str, str]) -> Stored | Refused:
    """Take a step. Another resident's application is refused like one that does not exist.

    Any answer but a clear one raises; it is then unknown whether the step was stored.
    """
    if not client.KEY.fullmatch(key):
        return _UNKNOWN
    answer = good(await call.up.send(HttpRequest("GET", f"/permohonan/{key}")), call.now)
    application = pages.application(answer)
    if application is None or (application.nik or "").strip() != fields["nik"]:
        return _UNKNOWN
    if application.key != key:
        raise UpstreamMalformedError("the page shows another application than the requested one")
    page = pages.Page(answer)
    form = page.form("tindak")
    if form is None or fields["langkah"] not in form.options("langkah"):
        return _TOO_LATE
    posted = {"csrf_test_name": page.token, "langkah": fields["langkah"], "catatan": fields["catatan"]}
    answer = await call.up.send(client.posted(f"/permohonan/{key}/tindak", posted, {}, safe=False))
    if goes_to(answer) == f"/permohonan/{key}":
        return Stored(key, codes.registration_number(key))
    page = pages.Page(good(answer, call.now))
    if page.form("detail") is None or page.alert is None:
        raise UpstreamMalformedError("the answer to the step has neither a redirect nor a reason")
    return Refused(codes.REFUSALS.get(page.alert, "refused"), page.alert)


async def look(call: OurCall, command: SupplementApplication | WithdrawApplication, code: str) -> Stored | Absent:
    """Find the stamp whose note ends with the receipt code."""
    application = await client.one(call, command.application_key)
    stamps = application.riwayat if application is not None else ()
    if application is not None and any(ends_with_code(stamp.catatan, code) for stamp in stamps):
        return Stored(application.key, codes.registration_number(application.key))
    return Absent()
