"""Texts of messages to people, in Indonesian and English. They contain no links, against phishing."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class MessageKind(StrEnum):
    """Kind of a message."""

    REGISTER_CODE = "register-code"
    REGISTER_TAKEN = "register-taken"
    RECOVER_CODE = "recover-code"
    CONTACT_CODE = "contact-code"
    CONTACT_TAKEN = "contact-taken"
    CONTACT_CHANGED = "contact-changed"
    CONTACT_REMOVED = "contact-removed"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a name
    FACTOR_CHANGED = "factor-changed"
    RECOVERY_CODE_USED = "recovery-code-used"
    NIK_VERIFIED = "nik-verified"


_NOT_YOU: Final = (
    "Bukan Anda? Segera ganti kata sandi di halaman akun Anda, atau hubungi petugas kota.",
    "Not you? Change your password on your account page at once, or call the city.",
)
_NEVER_TELL: Final = ("Jangan berikan kode ini kepada siapa pun.", "Never give this code to anybody.")
_LIFE: Final = ("Berlaku 10 menit.", "Good for 10 minutes.")


def _both(subject: tuple[str, str], *sentences: tuple[str, str]) -> Mapping[str, tuple[str, str]]:
    return {
        language: (subject[at], " ".join(sentence[at] for sentence in sentences))
        for at, language in enumerate(("id", "en"))
    }


MESSAGES: Final[Mapping[MessageKind, Mapping[str, tuple[str, str]]]] = {
    MessageKind.REGISTER_CODE: _both(
        ("Kode pendaftaran Gerbang", "Gerbang registration code"),
        ("Kode pendaftaran Anda: {code}.", "Your registration code: {code}."),
        _LIFE,
        _NEVER_TELL,
    ),
    MessageKind.REGISTER_TAKEN: _both(
        ("Pendaftaran dengan kontak Anda", "Registration with your contact"),
        (
            "Seseorang mencoba mendaftar di Gerbang dengan kontak ini. Anda sudah punya akun: masuklah, atau pulihkan "
            "kata sandi bila lupa.",
            "Somebody tried to register at Gerbang with this contact. You have an account already: sign in, or recover "
            "your password if you forgot it.",
        ),
        ("Bukan Anda? Abaikan pesan ini.", "Not you? Ignore this message."),
    ),
    MessageKind.RECOVER_CODE: _both(
        ("Kode pemulihan kata sandi Gerbang", "Gerbang password recovery code"),
        ("Kode untuk membuat kata sandi baru: {code}.", "Your code for a new password: {code}."),
        _LIFE,
        _NEVER_TELL,
    ),
    MessageKind.CONTACT_CODE: _both(
        ("Kode kontak baru Gerbang", "Gerbang new contact code"),
        ("Kode untuk memakai kontak ini di Gerbang: {code}.", "Your code to use this contact at Gerbang: {code}."),
        _LIFE,
        _NEVER_TELL,
    ),
    MessageKind.CONTACT_TAKEN: _both(
        ("Kontak Anda di Gerbang", "Your contact at Gerbang"),
        (
            "Seseorang mencoba memakai kontak ini untuk akun Gerbang lain. Kontak ini sudah milik sebuah akun.",
            "Somebody tried to use this contact for another Gerbang account. It belongs to an account already.",
        ),
        ("Bukan Anda? Abaikan pesan ini.", "Not you? Ignore this message."),
    ),
    MessageKind.CONTACT_CHANGED: _both(
        ("Kontak akun Gerbang berubah", "Contact of your Gerbang account changed"),
        ("Kontak akun Gerbang Anda diganti menjadi {contact}.", "Your Gerbang account's contact is now {contact}."),
        _NOT_YOU,
    ),
    MessageKind.CONTACT_REMOVED: _both(
        ("Kontak akun Gerbang dihapus", "Contact of your Gerbang account removed"),
        (
            "Kontak {contact} dihapus dari akun Gerbang Anda. Kontak itu tidak dapat lagi dipakai untuk masuk atau "
            "memulihkan kata sandi.",
            "The contact {contact} was removed from your Gerbang account. It can no longer be used to sign in or to "
            "recover the password.",
        ),
        _NOT_YOU,
    ),
    MessageKind.PASSWORD_CHANGED: _both(
        ("Kata sandi Gerbang berubah", "Gerbang password changed"),
        (
            "Kata sandi akun Gerbang Anda diganti, dan semua perangkat lain dikeluarkan.",
            "The password of your Gerbang account was changed, and every other device was signed out.",
        ),
        _NOT_YOU,
    ),
    MessageKind.FACTOR_CHANGED: _both(
        ("Faktor kedua akun Gerbang berubah", "Second factor of your Gerbang account changed"),
        (
            "Faktor kedua akun Gerbang Anda ditambah atau dihapus, atau kode pemulihannya dibuat baru.",
            "A second factor of your Gerbang account was added or removed, or its recovery codes were replaced.",
        ),
        _NOT_YOU,
    ),
    MessageKind.RECOVERY_CODE_USED: _both(
        ("Kode pemulihan Gerbang dipakai", "Gerbang recovery code used"),
        (
            "Kode pemulihan dipakai untuk masuk ke akun Gerbang Anda.",
            "A recovery code was used to sign in to your Gerbang account.",
        ),
        _NOT_YOU,
    ),
    MessageKind.NIK_VERIFIED: _both(
        ("NIK Anda terverifikasi", "Your NIK is verified"),
        (
            "NIK Anda kini terhubung dengan akun Gerbang Anda.",
            "Your NIK now belongs to your Gerbang account.",
        ),
        _NOT_YOU,
    ),
}
