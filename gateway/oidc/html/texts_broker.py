"""Texts of sign-in at external providers: each in Indonesian, then in English."""

from collections.abc import Mapping

BROKER_TEXTS: Mapping[str, tuple[str, str]] = {
    "broker_title": ("Masuk", "Sign in"),
    "broker_lead": ("Pilih tempat Anda masuk untuk melanjutkan ke", "Choose where to sign in to continue to"),
    "broker_with": ("Masuk dengan {title}", "Sign in with {title}"),
    "sign_ins_title": ("Cara Anda masuk", "How you sign in"),
    "sign_ins_lead": (
        "Lewat penyedia berikut orang dapat masuk. Di sini tampak mana yang terhubung dengan akun Anda.",
        "People can sign in through these providers. Here you see which of them are linked to your account.",
    ),
    "sign_ins_linked": ("Terhubung sejak {day}", "Linked since {day}"),
    "sign_ins_add": ("Hubungkan {title}", "Link {title}"),
    "sign_ins_link": ("Hubungkan", "Link"),
    "sign_ins_remove": ("Putuskan", "Unlink"),
    "sign_ins_only": (
        "Ini satu-satunya cara Anda masuk. Hubungkan yang lain sebelum memutuskannya.",
        "This is your only way to sign in. Link another before you unlink it.",
    ),
    "unlink_title": ("Putuskan cara masuk", "Unlink a way to sign in"),
    "unlink_question": ("Putuskan {title}?", "Unlink {title}?"),
    "unlink_lead": (
        "Akun Anda tidak dapat lagi dimasuki lewat {title}. Anda tetap dapat masuk lewat:",
        "You can no longer sign in through {title}. You can still sign in through:",
    ),
    "unlink_ends": (
        "Di mana pun Anda masuk lewat {title}, di peramban dan aplikasi, Anda langsung keluar.",
        "Wherever you signed in through {title}, in browsers and apps, you are signed out at once.",
    ),
    "unlink_here": (
        "Termasuk di peramban ini: sesudahnya Anda masuk kembali dengan cara yang tersisa.",
        "That includes this browser: you then sign in again in a way that is left.",
    ),
    "unlink_button": ("Putuskan", "Unlink"),
    "unlink_back": ("Batal", "Cancel"),
    "error_last": (
        "Ini satu-satunya cara Anda masuk. Hubungkan yang lain sebelum memutuskannya.",
        "This is your only way to sign in. Link another before you unlink it.",
    ),
    "sign_ins_note": (
        "Untuk menghubungkan, Anda harus masuk di kedua tempat dalam lima menit.",
        "To link one, you must sign in at both within five minutes.",
    ),
    "error_away": (
        "Tempat Anda masuk sedang tidak dapat dihubungi. Coba lagi beberapa menit lagi. Aplikasi yang sudah Anda "
        "masuki tetap dapat dipakai.",
        "The place where you sign in cannot be reached now. Try again in a few minutes. Wherever you are still signed "
        "in, you stay signed in.",
    ),
    "error_broker": (
        "Jawaban dari tempat Anda masuk tidak dapat diterima. Coba lagi, atau mulai lagi dari aplikasi.",
        "The answer of the place where you signed in cannot be accepted. Try again, or start again from the "
        "application.",
    ),
    "error_state": (
        "Proses masuk ini dimulai di peramban lain, sudah dipakai, atau terlalu lama. Mulai lagi dari aplikasi.",
        "This sign-in was begun in another browser, was used already, or took too long. Start again from the "
        "application.",
    ),
    "error_denied": ("Anda membatalkan proses masuk.", "You cancelled signing in."),
    "error_to_sign_ins": ("Kembali ke cara Anda masuk", "Back to how you sign in"),
    "error_weak": (
        "Untuk ini diperlukan bukti yang lebih kuat daripada yang tadi Anda pakai. Coba lagi, dan pakai faktor kedua "
        "di tempat Anda masuk.",
        "This needs a stronger proof than the one that you signed in with. Try again, and use a second factor where "
        "you sign in.",
    ),
    "error_closed": (
        "Akun ini sudah ditutup. Hubungi pengelola bila itu keliru.",
        "This account was closed. Contact the operator if that is a mistake.",
    ),
    "error_nik": (
        "NIK yang dinyatakan tempat Anda masuk berbeda dari yang sudah diperiksa untuk akun ini. Hubungi pengelola.",
        "The NIK that the place where you sign in states differs from the one verified for this account. Contact "
        "the operator.",
    ),
    "error_taken": (
        "Identitas ini sudah terhubung dengan akun lain, atau akun ini sudah terhubung dengan identitas lain di sana.",
        "This identity is linked to another account already, or this account to another identity there.",
    ),
    "error_unlinked": (
        "Cara masuk ini sudah diputuskan dari akun Anda. Masuklah dengan cara lain; di halaman akun Anda, cara ini "
        "dapat dihubungkan lagi.",
        "This way to sign in was unlinked from your account. Sign in another way; on your account page it can be "
        "linked again.",
    ),
    "error_late": (
        "Untuk menghubungkan atau memutuskan, Anda harus baru saja masuk: dalam lima menit, dan untuk menghubungkan di "
        "kedua tempat. Mulai lagi.",
        "To link or unlink, you must have signed in just now: within five minutes, and to link at both places. Start "
        "again.",
    ),
}
