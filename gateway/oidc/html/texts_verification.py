"""Texts of the verification page for officers: each in Indonesian, then in English."""

from collections.abc import Mapping

VERIFICATION_TEXTS: Mapping[str, tuple[str, str]] = {
    "verification_title": ("Verifikasi NIK di loket", "Verify a NIK at the counter"),
    "verification_lead": (
        "Hanya untuk warga yang berdiri di depan Anda dan menunjukkan dokumen asli.",
        "Only for a resident who stands before you and shows the original document.",
    ),
    "verification_document": ("Dokumen yang Anda lihat", "Document that you have seen"),
    "verification_card": ("KTP elektronik (kartu fisik)", "Electronic KTP (the card itself)"),
    "verification_app": (
        "Identitas Kependudukan Digital, dibuka oleh warga sendiri",
        "Digital population identity (IKD), opened by the resident",
    ),
    "verification_nik": ("NIK pada dokumen, 16 angka", "NIK on the document, 16 digits"),
    "verification_code": ("Kode loket dari warga, 8 angka", "The resident's counter code, 8 digits"),
    "verification_purpose": ("Tujuan", "Purpose"),
    "verification_choose": ("Pilih …", "Choose …"),
    "verification_button": ("Verifikasi", "Verify"),
    "verification_record": (
        "Setiap pemeriksaan tercatat atas nama Anda, dan dapat dilihat oleh pemilik NIK.",
        "Every check is on record under your account, and the owner of the NIK can see it.",
    ),
    "verification_incomplete": (
        "Isi semuanya: dokumen, 16 angka NIK, 8 angka kode, dan tujuan. NIK harus diketik ulang.",
        "Fill in everything: document, 16 digits of the NIK, 8 digits of the code, purpose. Type the NIK again.",
    ),
    "verification_no_code": (
        "Kode loket tidak cocok atau sudah tidak berlaku. Minta warga membuat kode baru di halaman akunnya.",
        "The counter code is not right, or no longer valid. Have the resident make a new one on their account page.",
    ),
    "verification_taken": (
        "NIK ini milik akun lain, atau akun ini sudah punya NIK lain. Hubungi pengelola.",
        "This NIK belongs to another account, or the account has another NIK already. Tell the operator.",
    ),
    "verification_not_found": (
        "NIK ini tidak tercatat sebagai penduduk kelurahan Anda. Periksa angkanya, lalu ketik lagi.",
        "This NIK is not on record as a resident of your kelurahan. Check the digits, and type it again.",
    ),
    "verification_wait": (
        "Terlalu banyak percobaan. Coba lagi dalam seperempat jam.",
        "Too many tries. Try again in a quarter of an hour.",
    ),
    "verification_away": (
        "Data kependudukan atau catatan akses sedang tidak dapat dihubungi. Tidak ada yang diubah; coba lagi nanti.",
        "The civil register or the access log cannot be reached now. Nothing was changed; try again later.",
    ),
    "verification_done_title": ("NIK terverifikasi", "The NIK is verified"),
    "verification_done_lead": (
        "Akun yang menunjukkan kode itu kini punya NIK-nya. Warga mendapat pemberitahuan.",
        "The account of the code now has its NIK. The resident gets a message.",
    ),
    "verification_next": ("Warga berikutnya", "Next resident"),
    "account_verification_desk": ("Loket: verifikasi NIK warga", "Counter: verify a resident's NIK"),
    "account_duties": ("Tugas Anda", "Your duties"),
    "error_officer": (
        "Halaman ini hanya untuk petugas kelurahan.",
        "This page is for officers of a kelurahan only.",
    ),
}
