"""Texts of the provider's pages, in Indonesian and English."""

from collections.abc import Mapping

from gateway.oidc.html.texts_account import ACCOUNT_TEXTS
from gateway.oidc.html.texts_broker import BROKER_TEXTS
from gateway.oidc.html.texts_devices import DEVICE_TEXTS
from gateway.oidc.html.texts_factors import FACTOR_TEXTS
from gateway.oidc.html.texts_landing import LANDING_TEXTS
from gateway.oidc.html.texts_logout import LOGOUT_TEXTS
from gateway.oidc.html.texts_verification import VERIFICATION_TEXTS

LANGUAGES = ("id", "en")

_SIGN_IN: Mapping[str, Mapping[str, str]] = {
    "id": {
        "place": "Kota Banjarmasin",
        "product": "Gerbang",
        "product_line": "Satu akun untuk semua layanan kota",
        "other_language": "English",
        "login_title": "Masuk",
        "login_lead": "untuk melanjutkan ke",
        "username": "Nama akun, e-mail atau telepon",
        "password": "Kata sandi",
        "login_button": "Masuk",
        "login_wrong": "Akun atau kata sandi tidak cocok. Periksa lalu coba lagi.",
        "login_wait": "Terlalu banyak percobaan. Coba lagi dalam {minutes} menit.",
        "consent_title": "Izinkan akses",
        "consent_lead": "meminta izin Anda untuk:",
        "consent_again": "meminta Anda untuk melanjutkan. Izin yang telah Anda berikan:",
        "consent_legal_basis": "Dasar hukum untuk menerima NIK Anda:",
        "consent_as": "Anda masuk sebagai",
        "consent_other": "Pakai akun lain",
        "consent_note": "Anda dapat menarik izin ini kapan saja.",
        "consent_target": "Setelah itu Anda kembali ke",
        "allow_button": "Izinkan",
        "continue_button": "Lanjutkan",
        "deny_button": "Tolak",
        "error_title": "Permintaan ini tidak dapat dilanjutkan",
        "error_request": "Aplikasi mengirim permintaan masuk yang tidak lengkap atau tidak sah.",
        "error_client": "Aplikasi atau alamat kembalinya tidak terdaftar pada kami.",
        "error_ticket": "Halaman ini sudah terlalu lama terbuka. Kembali ke aplikasi dan mulai lagi.",
        "error_form": "Formulir ini tidak berasal dari halaman kami, atau peramban menolak kuki. "
        "Mulai lagi dari aplikasi.",
        "error_server": "Terjadi kesalahan pada kami. Silakan coba lagi sebentar lagi.",
        "error_advice": "Anda dapat menutup halaman ini. Tidak ada data yang dikirim ke aplikasi.",
    },
    "en": {
        "place": "City of Banjarmasin",
        "product": "Gerbang",
        "product_line": "One account for every service of the city",
        "other_language": "Indonesia",
        "login_title": "Sign in",
        "login_lead": "to continue to",
        "username": "Account name, e-mail or telephone",
        "password": "Password",
        "login_button": "Sign in",
        "login_wrong": "The account or the password is not right. Check them and try again.",
        "login_wait": "Too many attempts. Try again in {minutes} min.",
        "consent_title": "Allow access",
        "consent_lead": "asks for your permission to:",
        "consent_again": "asks you to continue. You have already allowed it to:",
        "consent_legal_basis": "Legal basis for receiving your NIK:",
        "consent_as": "You are signed in as",
        "consent_other": "Use another account",
        "consent_note": "You can withdraw this permission at any time.",
        "consent_target": "You will then return to",
        "allow_button": "Allow",
        "continue_button": "Continue",
        "deny_button": "Refuse",
        "error_title": "This request cannot go on",
        "error_request": "The application sent a sign-in request that is incomplete or not valid.",
        "error_client": "The application, or the address to return to, is not registered with us.",
        "error_ticket": "This page has been open for too long. Go back to the application and start again.",
        "error_form": "This form does not come from our page, or the browser refuses cookies. "
        "Start again from the application.",
        "error_server": "Something went wrong on our side. Please try again in a moment.",
        "error_advice": "You can close this page. No data was sent to the application.",
    },
}

_MORE_TEXTS = {
    **FACTOR_TEXTS,
    **ACCOUNT_TEXTS,
    **BROKER_TEXTS,
    **VERIFICATION_TEXTS,
    **DEVICE_TEXTS,
    **LANDING_TEXTS,
    **LOGOUT_TEXTS,
}

TEXTS: Mapping[str, Mapping[str, str]] = {
    language: {**_SIGN_IN[language], **{key: texts[index] for key, texts in _MORE_TEXTS.items()}}
    for index, language in enumerate(LANGUAGES)
}
"""Every text by language and key."""


def choose_language(requested: str | None, ui_locales: str, accept_language: str) -> str:
    """Return `id` or `en`: by the page's switch, else `ui_locales`, else `Accept-Language`, else Indonesian."""
    if requested in LANGUAGES:
        return requested
    for tag in [*ui_locales.split(), *_accepted(accept_language)]:
        primary = tag.split("-")[0].lower()
        if primary in LANGUAGES:
            return primary
    return LANGUAGES[0]


def _accepted(header: str) -> list[str]:
    """Return the tags of `Accept-Language`, the preferred first; unreadable parts are ignored."""
    accepted: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if quality > 0:
            accepted.append((quality, tag))
    return [tag for _, tag in sorted(accepted, key=lambda pair: -pair[0])]
