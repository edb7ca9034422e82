"""Texts of the start page: each in Indonesian, then in English."""

from collections.abc import Mapping

LANDING_TEXTS: Mapping[str, tuple[str, str]] = {
    "landing_title": ("Satu pintu ke semua layanan kota", "One front door to every service of the city"),
    "landing_lead": (
        "Gerbang menghubungkan aplikasi dinas-dinas kota. Warga memakai satu akun untuk semuanya, dan pembuat aplikasi "
        "satu API.",
        "Gerbang connects the applications of the city's agencies. Residents use one account for all of them, and "
        "developers one API.",
    ),
    "landing_demo": (
        "Ini demonstrasi: semua orang, data dan sistem di sini rekaan.",
        "This is a demonstration: all people, data and systems here are invented.",
    ),
    "landing_ways": ("Ke mana dari sini", "Where to go from here"),
    "landing_account": ("Akun saya", "My account"),
    "landing_account_note": (
        "Masuk, lalu lihat di mana Anda masuk dan aplikasi apa yang Anda izinkan.",
        "Sign in, and see where you are signed in and which applications you have allowed.",
    ),
    "landing_docs": ("Dokumentasi API", "API documentation"),
    "landing_docs_note": (
        "Semua operasi, dapat dicoba langsung di peramban.",
        "Every operation, to be tried in the browser.",
    ),
    "landing_openapi": ("Dokumen OpenAPI", "OpenAPI document"),
    "landing_openapi_note": ("Untuk membuat klien secara otomatis.", "For generating clients."),
    "landing_problems": ("Jenis masalah", "Types of problems"),
    "landing_problems_note": (
        "Arti setiap jawaban galat, dan apa yang dapat dilakukan.",
        "What each error answer means, and what can be done.",
    ),
    "landing_systems": ("Keadaan sistem sekarang", "The systems at present"),
    "landing_count": ("Menjawab: {good} dari {total} sistem,", "Answering: {good} of {total} systems,"),
    "landing_no_system": ("Belum ada sistem yang terpasang.", "No system is installed yet."),
    "landing_as_of": ("per", "as of"),
    "landing_details": ("Rincian untuk program", "Details for programs"),
    "landing_data_of": ("data terakhir", "last data"),
    "landing_answering": ("Menjawab", "Answering"),
    "landing_partly": ("Sebagian terganggu", "Partly disturbed"),
    "landing_silent": ("Terganggu", "Disturbed"),
    "landing_unknown": ("Belum ditanya", "Not asked yet"),
    "landing_absent": ("Tidak dilayani", "Not served"),
    "landing_accounts": ("Akun demonstrasi", "Demonstration accounts"),
    "landing_accounts_note": (
        "Masuk lewat “Akun saya” dengan nama dan kata sandi di bawah. Petugas dan operator juga perlu kode, yang "
        "ditampilkan oleh perintah",
        "Sign in through “My account” with a name and password below. Officers and operators also need a code, which "
        "is shown by the command",
    ),
    "landing_password": ("kata sandi", "password"),
}
