"""Texts of the logout pages: each in Indonesian, then in English."""

from collections.abc import Mapping

LOGOUT_TEXTS: Mapping[str, tuple[str, str]] = {
    "logout_title": ("Keluar", "Sign out"),
    "logout_lead": (
        "Anda akan keluar dari semua aplikasi kota yang Anda masuki lewat peramban ini.",
        "You will be signed out of every city application that you signed in to with this browser.",
    ),
    "logout_unknown": (
        "meminta keluar, tetapi di peramban ini tidak ada yang sedang masuk.",
        "asks to sign out, but nobody is signed in with this browser.",
    ),
    "logout_unknown_ends": (
        "Jika Anda sendiri yang menekan Keluar di aplikasi itu, lanjutkan: Anda keluar dari aplikasi itu dan dari "
        "semua aplikasi kota lain yang dimasuki bersamanya.",
        "If you have just chosen to sign out there yourself, go on: you will be signed out of it, and of every other "
        "city application that was entered with it.",
    ),
    "logout_button": ("Keluar", "Sign out"),
    "logout_note": (
        "Jika Anda tidak meminta ini, tutup saja halaman ini: tidak ada yang berubah.",
        "If you did not ask for this, just close the page: nothing changes.",
    ),
    "signed_out_title": ("Anda sudah keluar", "You have signed out"),
    "signed_out_lead": (
        "Aplikasi yang Anda masuki lewat peramban ini ikut berakhir. Di perangkat lain Anda mungkin masih masuk.",
        "You are also signed out of the applications that you signed in to with this browser. On other devices you "
        "may still be signed in.",
    ),
}
