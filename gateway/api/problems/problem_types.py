"""Every problem type: its HTTP status, its title, and how to resolve it."""

from gateway.api.problems.availability import AVAILABILITY
from gateway.api.problems.causes import CAUSES
from gateway.api.problems.definition import ProblemType, problem_type

_TYPES = (
    *CAUSES,
    problem_type(
        "not-authenticated",
        401,
        ("Belum masuk", "Not signed in"),
        (
            "Permintaan ini tidak membawa token akses yang masih sah. Masuk (lagi), lalu kirim token di header "
            "Authorization. Data publik dapat juga diminta tanpa token.",
            "This request has no valid access token. Sign in (again), then send the token in "
            "the Authorization header. Public data can be requested without a token.",
        ),
    ),
    problem_type(
        "stronger-sign-in-needed",
        401,
        ("Perlu masuk dengan lebih kuat", "Stronger sign-in needed"),
        (
            "Data ini hanya ditampilkan sesudah masuk dengan faktor kedua (acr 2). Masuk lagi dengan acr_values=2.",
            "This data is shown only after a sign-in with a second factor (acr 2). Sign in again with acr_values=2.",
        ),
    ),
    problem_type(
        "recent-sign-in-needed",
        401,
        ("Perlu masuk lagi", "Recent sign-in needed"),
        (
            "Perubahan ini hanya dilakukan paling lama sepuluh menit sesudah masuk. Masuk lagi dengan max_age=600.",
            "This change requires a sign-in within the last ten minutes. Sign in again with max_age=600.",
        ),
    ),
    problem_type(
        "insufficient-scope",
        403,
        ("Cakupan kurang", "Insufficient scope"),
        (
            "Token tidak memuat semua cakupan yang diperlukan. Minta persetujuan untuk cakupan yang disebut.",
            "The token lacks a required scope. Request consent to the listed scopes.",
        ),
    ),
    problem_type(
        "forbidden",
        403,
        ("Tidak berhak", "Not allowed"),
        (
            "Peran Anda tidak berhak atas data ini.",
            "Your role has no access to this data.",
        ),
    ),
    problem_type(
        "cross-site",
        403,
        ("Bukan dari halaman kami", "Request from another site"),
        (
            "Permintaan yang mengubah sesuatu dengan cookie harus datang dari halaman gerbang ini sendiri, dengan "
            "header Gerbang-Request. Program lain memakai token.",
            "A request with a cookie that changes something must come from a page of this gateway's origin, with the "
            "header Gerbang-Request. Other programs use a token.",
        ),
    ),
    problem_type(
        "purpose-required",
        403,
        ("Tujuan wajib disebut", "Purpose required"),
        (
            "Petugas wajib menyebut tujuan di header Gerbang-Purpose: application-handling, identity-verification, "
            "atau complaint-handling.",
            "An officer must state a purpose in the header Gerbang-Purpose: application-handling, "
            "identity-verification or complaint-handling.",
        ),
    ),
    problem_type(
        "not-found",
        404,
        ("Tidak ditemukan", "Not found"),
        (
            "Tidak ada yang dapat ditampilkan di alamat ini. Periksa alamat atau nomor yang dipakai.",
            "Nothing was found at this address. Check the address or the id.",
        ),
    ),
    problem_type(
        "method-not-allowed",
        405,
        ("Metode tidak berlaku", "Method not allowed"),
        (
            "Alamat ini tidak melayani metode tersebut; lihat header Allow.",
            "This address does not support the method; see the Allow header.",
        ),
    ),
    problem_type(
        "not-acceptable",
        406,
        ("Bentuk tidak tersedia", "Not acceptable"),
        (
            "Jawaban tidak tersedia dalam bentuk yang diminta di Accept; errors menyebut bentuk yang ada.",
            "The answer is not available in a format that Accept allows; errors lists the available formats.",
        ),
    ),
    problem_type(
        "invalid-request",
        422,
        ("Permintaan tidak sah", "Invalid request"),
        (
            "Sebagian dari permintaan tidak dapat dipakai; lihat errors untuk letak dan perbaikannya.",
            "Part of the request is invalid; errors lists the fields and how to correct them.",
        ),
    ),
    problem_type(
        "personal-number",
        422,
        ("Nomor pribadi di alamat", "Personal number in the address"),
        (
            "Nomor pribadi (NIK, KK, kartu jaminan) tidak boleh berada di alamat, yang dicatat di banyak tempat. Cari "
            "dengan kata; data sendiri ada di /v1/me.",
            "An address must not contain a personal number (NIK, KK, insurance card), since addresses are logged in "
            "many places. Search by words; your own data is at /v1/me.",
        ),
    ),
    problem_type(
        "verification-code-refused",
        409,
        ("Kode loket tidak berlaku", "Counter code not valid"),
        (
            "Kode ini tidak ada, sudah dipakai, atau sudah lewat 15 menit. Minta warga membuat yang baru di halaman "
            "akunnya.",
            "This code does not exist, was used, or is over 15 minutes old. Ask the resident to create a new code on "
            "their account page.",
        ),
    ),
    problem_type(
        "nik-taken",
        409,
        ("NIK sudah dipakai", "NIK already in use"),
        (
            "NIK ini milik akun lain, atau akun ini sudah punya NIK lain. Hubungi pengelola gerbang.",
            "This NIK belongs to another account, or this account has another NIK. Contact the gateway's operator.",
        ),
    ),
    problem_type(
        "client-refused",
        422,
        ("Klien ditolak", "Client refused"),
        (
            "Klien tidak dapat didaftarkan atau diubah demikian: nama atau sumber dayanya sudah terpakai, instansinya "
            "tidak dikenal, tanggal akhirnya sudah lewat atau terlalu jauh, atau klien itu milik gerbang sendiri.",
            "The client cannot be registered or changed with these values: its id or resource is in use, its agency is "
            "unknown, its expiry is past or too far away, or the client belongs to the gateway itself.",
        ),
    ),
    problem_type(
        "malformed-request",
        400,
        ("Permintaan tidak terbaca", "Unreadable request"),
        (
            "Permintaan tidak dapat dibaca. Kirim JSON yang benar dengan Content-Type: application/json.",
            "The request cannot be read. Send well-formed JSON with Content-Type: application/json.",
        ),
    ),
    problem_type(
        "unsupported-media-type",
        415,
        ("Jenis isi tidak didukung", "Unsupported media type"),
        (
            "Kirim isi permintaan sebagai application/json.",
            "Send the body of the request as application/json.",
        ),
    ),
    problem_type(
        "request-too-large",
        413,
        ("Permintaan terlalu besar", "Request too large"),
        (
            "Isi permintaan melebihi batas 64 KiB.",
            "The request body exceeds the limit of 64 KiB.",
        ),
    ),
    problem_type(
        "cursor-invalid",
        422,
        ("Kursor tidak sah", "Invalid cursor"),
        (
            "Kursor ini dibuat untuk pertanyaan atau penanya lain. Mulai lagi dari halaman pertama tanpa kursor.",
            "This cursor belongs to another query or caller. Start again from the first page, without a cursor.",
        ),
    ),
    problem_type(
        "cursor-expired",
        410,
        ("Kursor kedaluwarsa", "Cursor expired"),
        (
            "Hasil yang dibagi per halaman ini tidak disimpan lagi. Mulai lagi dari halaman pertama tanpa kursor.",
            "The result of this query is no longer held. Start again from the first page, without a cursor.",
        ),
    ),
    *AVAILABILITY,
)

PROBLEMS: dict[str, ProblemType] = {problem.slug: problem for problem in _TYPES}
