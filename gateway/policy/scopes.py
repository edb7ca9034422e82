"""The scopes of access tokens, the roles that may hold them, and their consent texts.

A list of scopes always means all of them. A client may request any scope registered for it; an account receives only
those that one of its roles may hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.policy.principal import Role

RELEASE_SCOPE = "identity.nik"
"""The scope for personal numbers in full; a client gets it only with a legal basis on record."""

TEXT_VERSION = "2026-11"
"""Version of the consent texts below; a consent to another version is requested again."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope: its name, the roles that may hold it, and its consent text in Indonesian and English.

    No role holds a machine scope: only clients that call on their own behalf get it.
    """

    name: str
    roles: frozenset[Role]
    text_id: str
    text_en: str
    machine: bool = False

    def text(self, language: str) -> str:
        """The consent text in `language` (`id` or `en`)."""
        return self.text_en if language == "en" else self.text_id


def _scope(name: str, roles: Iterable[Role], text_id: str, text_en: str) -> Scope:
    return Scope(name, frozenset(roles), text_id, text_en)


SCOPES: dict[str, Scope] = {
    scope.name: scope
    for scope in (
        _scope("openid", Role, "Mengetahui bahwa Anda sudah masuk", "Know that you have signed in"),
        _scope(
            "profile.read",
            {Role.RESIDENT},
            "Melihat data diri Anda yang tercatat di dinas-dinas kota",
            "See what the city's agencies have on record about you",
        ),
        _scope(
            "applications.read",
            {Role.RESIDENT, Role.OFFICER},
            "Melihat permohonan surat dan layanan, beserta dokumennya",
            "See applications for letters and services, with their documents",
        ),
        _scope(
            "health.read",
            {Role.RESIDENT},
            "Melihat janji temu Anda di puskesmas (data kesehatan)",
            "See your appointments at health centres (health data)",
        ),
        _scope(
            "programmes.read",
            {Role.RESIDENT},
            "Melihat program dan pelatihan yang Anda ikuti",
            "See the programmes and trainings that you take part in",
        ),
        _scope(
            "complaints.read",
            {Role.RESIDENT},
            "Melihat aduan yang Anda sampaikan",
            "See the complaints that you have made",
        ),
        _scope(
            "proposals.read",
            {Role.RESIDENT},
            "Melihat usulan yang Anda ajukan",
            "See the proposals that you have put forward",
        ),
        _scope(
            "bills.read",
            {Role.RESIDENT},
            "Melihat tagihan Anda, seperti pajak bumi dan bangunan",
            "See your bills, such as land and building tax",
        ),
        _scope(
            "cases.read",
            {Role.RESIDENT},
            "Melihat permohonan dan laporan Anda yang lain, seperti pendaftaran sekolah",
            "See your other requests and reports, such as a school admission",
        ),
        _scope(
            "entitlements.read",
            {Role.RESIDENT},
            "Melihat kartu, izin, dan langganan Anda, seperti kartu perpustakaan",
            "See your cards, licences and connections, such as a library card",
        ),
        _scope(
            "bookings.read",
            {Role.RESIDENT},
            "Melihat pemesanan Anda, seperti lapangan olahraga",
            "See your bookings, such as of a sports hall",
        ),
        _scope(
            "access-log.read",
            {Role.RESIDENT},
            "Melihat siapa yang telah membuka data Anda",
            "See who has looked at your data",
        ),
        _scope(
            "account.read",
            Role,
            "Melihat di mana akun Anda masuk, apa yang Anda izinkan, dan akun mana yang terhubung",
            "See where your account is signed in, what you have allowed, and which accounts are linked",
        ),
        _scope(
            "account.write",
            Role,
            "Mengakhiri sesi dan persetujuan Anda, dan mengubah akun yang terhubung",
            "End your sessions and consents, and change which accounts are linked",
        ),
        _scope(
            "identity.nik",
            {Role.RESIDENT},
            "Menerima NIK dan nomor KK Anda secara lengkap",
            "Receive your NIK and family card number in full",
        ),
        _scope(
            "residents.lookup",
            {Role.OFFICER},
            "Mencari data penduduk kelurahan Anda untuk keperluan dinas",
            "Look up residents of your kelurahan for official purposes",
        ),
        _scope(
            "residents.verify",
            {Role.OFFICER},
            "Menghubungkan akun warga kelurahan Anda dengan NIK di KTP-nya",
            "Tie the accounts of residents of your kelurahan to the NIK on their KTP",
        ),
        _scope(
            "systems.operate",
            {Role.OPERATOR},
            "Memantau dan mengendalikan sistem yang terhubung",
            "Watch and control the connected systems",
        ),
        _scope(
            "clients.manage",
            {Role.OPERATOR},
            "Mendaftarkan dan mengubah klien gerbang",
            "Register and change the gateway's clients",
        ),
        Scope(
            "client.read",
            frozenset(),
            "Melihat pendaftaran klien itu sendiri",
            "See the client's own registration",
            machine=True,
        ),
    )
}


MACHINE_SCOPES = frozenset(name for name, scope in SCOPES.items() if scope.machine)
"""The scopes that clients may hold on their own behalf, and no person."""


def allowed_to(roles: Iterable[Role], scopes: Iterable[str]) -> frozenset[str]:
    """The subset of `scopes` that an account with `roles` may hold."""
    held = frozenset(roles)
    return frozenset(name for name in scopes if name in SCOPES and SCOPES[name].roles & held)


def scopes_of(roles: Iterable[Role]) -> frozenset[str]:
    """Every scope that an account with `roles` may hold."""
    return allowed_to(roles, SCOPES)
