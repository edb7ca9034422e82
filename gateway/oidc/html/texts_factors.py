"""Texts of the pages for passwords and second factors: each in Indonesian, then in English."""

from collections.abc import Mapping

FACTOR_TEXTS: Mapping[str, tuple[str, str]] = {
    "own_account": ("akun Anda", "your account"),
    "or_": ("atau", "or"),
    "since": ("sejak", "since"),
    "remove_button": ("Hapus", "Remove"),
    "later_button": ("Nanti saja", "Not now"),
    "done_link": ("Selesai", "Done"),
    "password_short": ("Kata sandi ini terlalu pendek.", "This password is too short."),
    "password_long": ("Kata sandi ini terlalu panjang.", "This password is too long."),
    "password_common": (
        "Kata sandi ini mudah ditebak: sering dipakai orang, atau dibuat dari nama Anda.",
        "This password is easily guessed: many people use it, or it is made of your name.",
    ),
    "password_same": ("Ini kata sandi Anda yang lama. Pilih yang lain.", "This is your old password. Choose another."),
    "password_differs": ("Kedua kata sandi tidak sama.", "The two passwords are not the same."),
    "password_title": ("Kata sandi baru", "New password"),
    "password_lead": (
        "Setelah diganti, semua perangkat dan aplikasi lain harus masuk kembali.",
        "Once it is changed, every other device and app must sign in again.",
    ),
    "password_lead_forced": (
        "Kata sandi yang Anda terima hanya untuk sekali masuk. Pilih kata sandi Anda sendiri.",
        "The password that you were given is valid for one sign-in. Choose your own password.",
    ),
    "password_new": ("Kata sandi baru", "New password"),
    "password_again": ("Sekali lagi", "Once more"),
    "password_rule": (
        "Sedikitnya {shortest} karakter, bebas isinya. Beberapa kata yang tidak berkaitan mudah diingat.",
        "At least {shortest} characters of any kind. A few unrelated words are easy to remember.",
    ),
    "password_button": ("Simpan kata sandi", "Save password"),
    "second_step_title": ("Langkah kedua", "Second step"),
    "second_step_lead": ("Satu bukti lagi untuk melanjutkan ke", "One more proof to continue to"),
    "app_code": ("Kode 6 angka dari aplikasi autentikator", "6-digit code of your authenticator app"),
    "recovery_code": ("Kode pemulihan", "Recovery code"),
    "recovery_link": ("Ponsel tidak ada? Pakai kode pemulihan", "No phone at hand? Use a recovery code"),
    "recovery_back": ("Kembali ke cara biasa", "Back to the usual way"),
    "code_wrong": (
        "Kode ini tidak cocok, sudah dipakai, atau sudah lewat waktunya.",
        "This code is not right, was used already, or is too old.",
    ),
    "passkey_wrong": (
        "Kunci sandi ini tidak dapat kami kenali. Coba lagi, atau pakai cara lain.",
        "We could not recognise this passkey. Try again, or use another way.",
    ),
    "passkey_button": ("Pakai kunci sandi", "Use a passkey"),
    "passkey_login_button": ("Masuk dengan kunci sandi", "Sign in with a passkey"),
    "passkey_needs_script": ("Kunci sandi memerlukan JavaScript.", "Passkeys need JavaScript."),
    "passkey_elsewhere": (
        "Akun ini memakai kunci sandi, yang tidak dapat dipakai di alamat ini.",
        "This account uses a passkey, which cannot be used at this address.",
    ),
    "factors_title": ("Faktor kedua", "Second factor"),
    "factors_lead": (
        "Dengan faktor kedua, kata sandi yang bocor saja tidak cukup untuk masuk ke akun Anda.",
        "With a second factor, a leaked password alone does not open your account.",
    ),
    "factors_lead_staff": (
        "Petugas dan operator wajib memakai faktor kedua. Pilih satu untuk melanjutkan.",
        "Officers and operators must use a second factor. Choose one to continue.",
    ),
    "factors_held": ("Yang Anda pakai", "What you use"),
    "factor_last": (
        "Petugas dan operator harus selalu punya satu. Tambahkan yang baru sebelum menghapus yang ini.",
        "Officers and operators must always have one. Add a new one before you remove this.",
    ),
    "factor_app": ("Aplikasi autentikator", "Authenticator app"),
    "factor_app_text": (
        "Aplikasi di ponsel yang menampilkan kode baru setiap 30 detik, juga tanpa sinyal.",
        "An app on your phone that shows a new code every 30 seconds, also without a signal.",
    ),
    "factor_passkey": ("Kunci sandi", "Passkey"),
    "factor_passkey_text": (
        "Masuk dengan sidik jari, wajah atau PIN perangkat ini. Tidak dapat dipancing oleh situs palsu.",
        "Sign in with this device's fingerprint, face or PIN. A false site cannot lure it from you.",
    ),
    "factor_codes": ("Kode pemulihan", "Recovery codes"),
    "codes_left": ("{count} belum dipakai", "{count} not used yet"),
    "codes_renew": ("Buat baru", "Make new ones"),
    "app_begin": ("Siapkan aplikasi", "Set up an app"),
    "app_replace": ("Ganti aplikasi", "Replace the app"),
    "passkey_label": ("Nama untuk perangkat ini", "A name for this device"),
    "passkey_label_example": ("mis. Ponsel saya", "e.g. My phone"),
    "passkey_add": ("Tambah kunci sandi", "Add a passkey"),
    "app_title": ("Siapkan aplikasi autentikator", "Set up an authenticator app"),
    "app_step_install": (
        "Pasang aplikasi autentikator di ponsel Anda, bila belum ada.",
        "Install an authenticator app on your phone, if you have none.",
    ),
    "app_step_scan": ("Pindai kode ini dengan aplikasi itu.", "Scan this code with it."),
    "app_picture": ("Kode QR untuk aplikasi autentikator", "QR code for the authenticator app"),
    "app_step_type": ("Tidak bisa memindai? Ketik kunci ini:", "Cannot scan? Type this key:"),
    "app_open": ("Buka di aplikasi pada perangkat ini", "Open it in an app on this device"),
    "app_confirm": ("Pakai aplikasi ini", "Use this app"),
    "recovery_codes_title": ("Kode pemulihan Anda", "Your recovery codes"),
    "recovery_codes_lead": (
        "Bila ponsel atau kunci sandi Anda hilang, satu kode menggantikannya satu kali.",
        "If you lose your phone or passkey, one code stands in for it once.",
    ),
    "recovery_codes_note": (
        "Catat atau cetak sekarang: kami tidak dapat menampilkannya lagi. Kode yang lama tidak berlaku lagi.",
        "Write them down or print them now: we cannot show them again. Earlier codes are no longer good.",
    ),
    "recovery_codes_kept": ("Sudah saya simpan", "I have kept them"),
}
