"""What the pages of logout say: each text in Indonesian, then in English."""

from collections.abc import Mapping

LOGOUT_TEXTS: Mapping[str, tuple[str, str]] = {
    "logout_title": ("Keluar", "Sign out"),
    "logout_lead": (
        "Anda akan keluar dari semua aplikasi kota yang Anda masuki lewat peramban ini.",
        "You will be signed out of every city application that you signed in to with this browser.",
    ),
    "logout_button": ("Keluar", "Sign out"),
    "logout_note": (
        "Jika Anda tidak meminta ini, tutup saja halaman ini: tidak ada yang berubah.",
        "If you did not ask for this, just close the page: nothing changes.",
    ),
    "signed_out_title": ("Anda sudah keluar", "You have signed out"),
    "signed_out_lead": (
        "Aplikasi yang Anda masuki lewat peramban ini ikut berakhir. Di perangkat lain Anda mungkin masih masuk.",
        "The applications that you signed in to with this browser have ended too. On other devices you may still be "
        "signed in.",
    ),
}
