"""What the pages of accounts say: each text in Indonesian, then in English."""

from collections.abc import Mapping

ACCOUNT_TEXTS: Mapping[str, tuple[str, str]] = {
    "login_register": ("Belum punya akun? Daftar", "No account yet? Register"),
    "login_recover": ("Lupa kata sandi?", "Forgot your password?"),
    "register_title": ("Daftar", "Register"),
    "register_lead": (
        "Satu akun untuk semua layanan kota. Kami mengirim kode ke kontak Anda.",
        "One account for every service of the city. We send a code to your contact.",
    ),
    "register_login": ("Sudah punya akun? Masuk", "You have an account? Sign in"),
    "full_name": ("Nama lengkap, seperti di KTP", "Full name, as on your KTP"),
    "contact_field": ("E-mail atau nomor telepon", "E-mail or telephone number"),
    "contact_email": ("E-mail", "E-mail"),
    "contact_telephone": ("Nomor telepon", "Telephone number"),
    "contact_none": (
        "Pendaftaran sendiri belum tersedia di sini. Datanglah ke kelurahan.",
        "You cannot do this by yourself here yet. Please come to your kelurahan.",
    ),
    "contact_wrong": (
        "Isi nama dan kontak yang benar, misalnya nama@contoh.id atau 0812 3456 7890.",
        "Give a name and a contact that exist, such as name@example.id or 0812 3456 7890.",
    ),
    "send_button": ("Kirim kode", "Send the code"),
    "code_title": ("Masukkan kode", "Enter the code"),
    "code_lead": (
        "Bila kontak ini dapat dipakai, kodenya sudah kami kirim ke",
        "If this contact can be used, we have sent the code to",
    ),
    "code_field": ("Kode 6 angka", "6-digit code"),
    "code_note": (
        "Berlaku 10 menit. Tidak menerima apa-apa? Periksa kotak spam, atau",
        "Good for 10 minutes. Nothing came? Look in your spam folder, or",
    ),
    "code_again": ("mulai lagi", "start again"),
    "password_lead_first": ("Langkah terakhir: pilih kata sandi.", "The last step: choose a password."),
    "recover_title": ("Lupa kata sandi", "Forgotten password"),
    "recover_lead": (
        "Sebutkan e-mail atau nomor telepon akun Anda. Kami mengirim kode ke sana.",
        "Name the e-mail address or telephone number of your account. We send a code there.",
    ),
    "recover_login": ("Kembali ke halaman masuk", "Back to signing in"),
    "recover_staff": (
        "Petugas tanpa kontak: mintalah sandi sekali pakai kepada pengelola gerbang.",
        "Staff without a contact: ask the operator of the gateway for a one-time password.",
    ),
    "contact_title": ("Kontak Anda", "Your contacts"),
    "contact_held": ("Yang Anda pakai", "What you use"),
    "contact_new": ("Kontak baru", "New contact"),
    "contact_remove_note": (
        "Kontak yang dihapus tidak dapat lagi dipakai untuk masuk atau memulihkan kata sandi. Kami memberi tahu Anda "
        "di sana.",
        "A contact that you remove can no longer be used to sign in or to recover the password. We tell you there.",
    ),
    "contact_last": (
        "Satu kontak harus tetap ada: untuk memulihkan kata sandi, dan agar Anda diberi tahu.",
        "One contact must stay: to recover the password, and so that you can be told what happens.",
    ),
    "contact_lead": (
        "Kontak baru menggantikan yang lama dari jenis yang sama. Keduanya kami beri tahu.",
        "The new contact takes the place of the old one of its kind. We tell both.",
    ),
    "contact_back": ("Kembali ke akun", "Back to your account"),
    "account_title": ("Akun Anda", "Your account"),
    "account_data": ("Data akun", "About you"),
    "account_name": ("Nama", "Name"),
    "account_username": ("Nama akun", "Account name"),
    "account_contacts": ("Kontak", "Contacts"),
    "account_no_contact": ("Belum ada", "None yet"),
    "account_change": ("Ubah", "Change"),
    "account_nik": ("NIK", "NIK"),
    "account_nik_verified": ("Terverifikasi", "Verified"),
    "account_nik_not": (
        "Belum terverifikasi. Datanglah ke kelurahan dengan KTP dan kode dari sini.",
        "Not verified yet. Come to your kelurahan with your KTP and a code from here.",
    ),
    "account_counter": ("Buat kode untuk loket", "Make a code for the counter"),
    "account_security": ("Keamanan", "Security"),
    "account_password": ("Kata sandi", "Password"),
    "account_factors_none": ("Belum ada", "None yet"),
    "account_factors_on": ("Aktif", "On"),
    "account_sessions": ("Perangkat dan aplikasi yang masuk", "Devices and apps that are signed in"),
    "account_sessions_lead": (
        "Tidak mengenali salah satunya? Akhiri, lalu ganti kata sandi.",
        "You do not know one of them? End it, then change your password.",
    ),
    "session_browser": ("Peramban", "Browser"),
    "session_app": ("Aplikasi", "App"),
    "session_current": ("yang ini", "this one"),
    "session_seen": ("terakhir dipakai", "last used"),
    "session_strong": ("dengan faktor kedua", "with a second factor"),
    "session_end": ("Akhiri", "End"),
    "account_consents": ("Aplikasi yang Anda izinkan", "Apps that you allowed"),
    "account_consents_none": ("Belum ada.", "None yet."),
    "consent_withdraw": ("Tarik izin", "Withdraw"),
    "consent_withdraw_note": (
        "Penarikan berlaku seketika: aplikasi itu tidak dapat lagi memakai data Anda.",
        "It takes effect at once: the app can no longer use your data.",
    ),
    "sign_out": ("Keluar", "Sign out"),
    "signed_out_again": ("Masuk lagi", "Sign in again"),
    "counter_code_title": ("Kode untuk loket", "Code for the counter"),
    "counter_code_lead": (
        "Tunjukkan kode ini dan KTP Anda kepada petugas kelurahan.",
        "Show this code and your KTP to the officer of your kelurahan.",
    ),
    "counter_code_note": (
        "Berlaku 15 menit, satu kali. Kode yang baru menggantikan yang lama.",
        "Good for 15 minutes, once. A new code takes the place of an old one.",
    ),
}
