"""What is said when people sign in elsewhere: each text in Indonesian, then in English."""

from collections.abc import Mapping

BROKER_TEXTS: Mapping[str, tuple[str, str]] = {
    "broker_title": ("Masuk", "Sign in"),
    "broker_lead": ("Pilih tempat Anda masuk untuk melanjutkan ke", "Choose where to sign in to continue to"),
    "broker_with": ("Masuk dengan {title}", "Sign in with {title}"),
    "sign_ins_title": ("Cara Anda masuk", "How you sign in"),
    "sign_ins_lead": (
        "Akun ini dapat dimasuki lewat penyedia berikut.",
        "This account can be entered through these providers.",
    ),
    "sign_ins_linked": ("Terhubung sejak {day}", "Linked since {day}"),
    "sign_ins_add": ("Hubungkan {title}", "Link {title}"),
    "sign_ins_note": (
        "Untuk menghubungkan, Anda harus masuk di kedua tempat dalam lima menit.",
        "To link one, you must sign in at both within five minutes.",
    ),
    "error_away": (
        "Tempat Anda masuk sedang tidak dapat dihubungi. Coba lagi beberapa menit lagi. Di mana Anda sudah masuk, Anda "
        "tetap masuk.",
        "The place where you sign in cannot be reached now. Try again in a few minutes. Wherever you are still signed "
        "in, you stay signed in.",
    ),
    "error_broker": (
        "Jawaban dari tempat Anda masuk tidak dapat diterima. Mulai lagi dari aplikasi.",
        "The answer of the place where you signed in cannot be accepted. Start again from the application.",
    ),
    "error_state": (
        "Masuk ini dimulai di peramban lain, sudah dipakai, atau terlalu lama. Mulai lagi dari aplikasi.",
        "This sign-in was begun in another browser, was used already, or took too long. Start again from the "
        "application.",
    ),
    "error_denied": ("Anda membatalkan masuk.", "You cancelled signing in."),
    "error_weak": (
        "Ini memerlukan masuk dengan faktor kedua, dan Anda masuk tanpa itu. Mulai lagi, dan pakai faktor kedua di "
        "tempat Anda masuk.",
        "This needs a sign-in with a second factor, and you signed in without one. Start again, and use a second "
        "factor where you sign in.",
    ),
    "error_closed": (
        "Akun ini sudah ditutup. Hubungi pengelola bila itu keliru.",
        "This account was closed. Tell the operator if that is a mistake.",
    ),
    "error_nik": (
        "NIK yang dinyatakan tempat Anda masuk berbeda dari yang sudah diperiksa untuk akun ini. Hubungi pengelola.",
        "The NIK that the place where you sign in states differs from the one verified for this account. Tell the "
        "operator.",
    ),
    "error_taken": (
        "Identitas ini sudah terhubung dengan akun lain, atau akun ini sudah terhubung dengan identitas lain di sana.",
        "This identity is linked to another account already, or this account to another identity there.",
    ),
    "error_late": (
        "Untuk menghubungkan, Anda harus masuk di kedua tempat dalam lima menit. Mulai lagi.",
        "To link them, you must sign in at both places within five minutes. Start again.",
    ),
}
