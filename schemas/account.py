"""The account of a resident, as shown to its holder: sessions, consents and linked accounts."""

from datetime import datetime
from typing import Annotated

from schemas.classes import Classed, general, personal
from schemas.codes import Code
from schemas.texts import Text


class SessionKind(Code):
    """The kind of a session: the browser at the sign-in page, a web page in a browser, or an app that holds tokens."""

    BROWSER = "browser", "Peramban di halaman masuk", "A browser at the sign-in"
    WEB = "web", "Halaman web", "A web page"
    APP = "app", "Aplikasi", "An app"


class AccountSession(Classed):
    """One session of the account."""

    id: Annotated[str, general("Nomor", "Opaque id")]
    kind: Annotated[SessionKind, general("Jenis", "Kind")]
    name: Annotated[Text | None, general("Aplikasi", "Name of the application; null at the sign-in itself")]
    agent: Annotated[
        str | None, personal("Peramban", "User agent of the browser", examples=["Mozilla/5.0 (Android 15)"])
    ]
    acr: Annotated[int, general("Tingkat masuk", "1 password, 2 second factor, 3 in person", examples=[1])]
    began_at: Annotated[datetime, general("Mulai", "When the sign-in was")]
    seen_at: Annotated[datetime, general("Terakhir dipakai", "When it was last used")]
    current: Annotated[bool, general("Sedang dipakai", "Whether it is the session of this request", examples=[True])]


class ConsentedScope(Classed):
    """One scope that the account holder granted to an application."""

    scope: Annotated[str, general("Cakupan", "Scope", examples=["applications.read"])]
    text: Annotated[Text, general("Arti", "What it means")]


class AccountConsent(Classed):
    """The consent that the account holder gave to one application."""

    client: Annotated[str, general("Klien", "Id of the application", examples=["gerbang-mobile"])]
    name: Annotated[Text, general("Aplikasi", "Name of the application")]
    scopes: Annotated[tuple[ConsentedScope, ...], general("Cakupan", "What it may do")]
    given_at: Annotated[datetime, general("Sejak", "When it was first allowed")]


class AccountLink(Classed):
    """An account in an agency's application that was proven to belong to the caller."""

    client: Annotated[str, general("Klien", "Id of the application", examples=["kelurahan-lama"])]
    name: Annotated[Text, general("Nama", "Name of the application")]
    account: Annotated[str, personal("Akun", "The account there", examples=["galuh88"])]
    proven_at: Annotated[datetime, general("Terbukti pada", "When both accounts were proven")]


class LinkCode(Classed):
    """A code to enter in an agency's application while signed in there."""

    client: Annotated[str, general("Klien", "Id of the application", examples=["kelurahan-lama"])]
    code: Annotated[str, personal("Kode", "Single-use code for the application", examples=["RWSN-4REB-S7CQ"])]
    expires_at: Annotated[datetime, general("Berlaku sampai", "When it expires")]
