"""Every type of problem: its HTTP status, and for people what it means and what to do about it."""

from gateway.api.problems.causes import CAUSES
from gateway.api.problems.definition import ProblemType, kind

_TYPES = (
    *CAUSES,
    kind(
        "not-authenticated",
        401,
        ("Belum masuk", "Not signed in"),
        (
            "Permintaan ini tidak membawa token akses yang masih sah. Masuk (lagi), lalu kirim token di header "
            "Authorization. Data publik dapat juga diminta tanpa token.",
            "This request does not carry an access token that is still valid. Sign in (again), then send the token in "
            "the Authorization header. Public data can also be asked for without a token.",
        ),
    ),
    kind(
        "stronger-sign-in-needed",
        401,
        ("Perlu masuk dengan lebih kuat", "Stronger sign-in needed"),
        (
            "Data ini hanya ditampilkan sesudah masuk dengan faktor kedua (acr 2). Masuk lagi dengan acr_values=2.",
            "This data is shown only after a sign-in with a second factor (acr 2). Sign in again with acr_values=2.",
        ),
    ),
    kind(
        "recent-sign-in-needed",
        401,
        ("Perlu masuk lagi", "Recent sign-in needed"),
        (
            "Perubahan ini hanya dilakukan paling lama sepuluh menit sesudah masuk. Masuk lagi dengan max_age=600.",
            "This change is made at most ten minutes after a sign-in. Sign in again with max_age=600.",
        ),
    ),
    kind(
        "insufficient-scope",
        403,
        ("Cakupan kurang", "Insufficient scope"),
        (
            "Token tidak memuat semua cakupan yang diperlukan. Minta persetujuan untuk cakupan yang disebut.",
            "The token lacks a scope that this needs. Ask for consent to the scopes named.",
        ),
    ),
    kind(
        "forbidden",
        403,
        ("Tidak berhak", "Not allowed"),
        (
            "Peran Anda tidak berhak atas data ini.",
            "Your role has no access to this data.",
        ),
    ),
    kind(
        "cross-site",
        403,
        ("Bukan dari halaman kami", "Not from a page of ours"),
        (
            "Permintaan yang mengubah sesuatu dengan cookie harus datang dari halaman gerbang ini sendiri, dengan "
            "header Gerbang-Request. Program lain memakai token.",
            "A request that changes something by cookie must come from a page of this gateway's own origin, with the "
            "header Gerbang-Request. Other programs use a token.",
        ),
    ),
    kind(
        "purpose-required",
        403,
        ("Tujuan wajib disebut", "Purpose required"),
        (
            "Petugas wajib menyebut tujuan di header Gerbang-Purpose: application-handling, identity-verification, "
            "atau complaint-handling.",
            "An officer must name a purpose in the header Gerbang-Purpose: application-handling, "
            "identity-verification or complaint-handling.",
        ),
    ),
    kind(
        "not-found",
        404,
        ("Tidak ditemukan", "Not found"),
        (
            "Tidak ada yang dapat ditampilkan di alamat ini. Periksa alamat atau nomor yang dipakai.",
            "There is nothing to show at this address. Check the address or the id.",
        ),
    ),
    kind(
        "method-not-allowed",
        405,
        ("Metode tidak berlaku", "Method not allowed"),
        (
            "Alamat ini tidak melayani metode tersebut; lihat header Allow.",
            "This address does not serve that method; see the Allow header.",
        ),
    ),
    kind(
        "not-acceptable",
        406,
        ("Bentuk tidak tersedia", "Not acceptable"),
        (
            "Jawaban tidak tersedia dalam bentuk yang diminta di Accept; errors menyebut bentuk yang ada.",
            "The answer is not available in a format that Accept asks for; errors names the available ones.",
        ),
    ),
    kind(
        "invalid-request",
        422,
        ("Permintaan tidak sah", "Invalid request"),
        (
            "Sebagian dari permintaan tidak dapat dipakai; lihat errors untuk letak dan perbaikannya.",
            "Part of the request cannot be used; see errors for where, and how to mend it.",
        ),
    ),
    kind(
        "personal-number",
        422,
        ("Nomor pribadi di alamat", "Personal number in the address"),
        (
            "Nomor pribadi (NIK, KK, kartu jaminan) tidak boleh berada di alamat, yang dicatat di banyak tempat. Cari "
            "dengan kata; data sendiri ada di /v1/me.",
            "A personal number (NIK, KK, insurance card) must not stand in an address, which is written down in many "
            "places. Search by words; one's own data is at /v1/me.",
        ),
    ),
    kind(
        "verification-code-refused",
        409,
        ("Kode loket tidak berlaku", "Counter code not valid"),
        (
            "Kode ini tidak ada, sudah dipakai, atau sudah lewat 15 menit. Minta warga membuat yang baru di halaman "
            "akunnya.",
            "This code does not exist, was used, or is over 15 minutes old. Have the resident make a new one on their "
            "account page.",
        ),
    ),
    kind(
        "nik-taken",
        409,
        ("NIK sudah dipakai", "NIK already in use"),
        (
            "NIK ini milik akun lain, atau akun ini sudah punya NIK lain. Hubungi pengelola gerbang.",
            "This NIK belongs to another account, or this account has another NIK. Ask the operator of the gateway.",
        ),
    ),
    kind(
        "too-many-tries",
        429,
        ("Terlalu banyak percobaan", "Too many tries"),
        (
            "Terlalu banyak percobaan dalam waktu singkat. Tunggu selama Retry-After.",
            "Too many tries in a short time. Wait for as long as Retry-After says.",
        ),
    ),
    kind(
        "client-refused",
        422,
        ("Klien ditolak", "Client refused"),
        (
            "Klien tidak dapat didaftarkan atau diubah demikian: nama atau sumber dayanya sudah terpakai, instansinya "
            "tidak dikenal, tanggal akhirnya sudah lewat atau terlalu jauh, atau klien itu milik gerbang sendiri.",
            "The client cannot be registered or changed like this: its id or resource is taken, its agency is unknown, "
            "its end is past or too far away, or the client is the gateway's own.",
        ),
    ),
    kind(
        "malformed-request",
        400,
        ("Permintaan tidak terbaca", "Unreadable request"),
        (
            "Permintaan tidak dapat dibaca. Kirim JSON yang benar dengan Content-Type: application/json.",
            "The request cannot be read. Send well-formed JSON with Content-Type: application/json.",
        ),
    ),
    kind(
        "unsupported-media-type",
        415,
        ("Jenis isi tidak didukung", "Unsupported media type"),
        (
            "Kirim isi permintaan sebagai application/json.",
            "Send the body of the request as application/json.",
        ),
    ),
    kind(
        "request-too-large",
        413,
        ("Permintaan terlalu besar", "Request too large"),
        (
            "Isi permintaan melebihi batas 64 KiB.",
            "The body of the request is over the limit of 64 KiB.",
        ),
    ),
    kind(
        "cursor-invalid",
        422,
        ("Kursor tidak sah", "Invalid cursor"),
        (
            "Kursor ini dibuat untuk pertanyaan atau penanya lain. Mulai lagi dari halaman pertama tanpa kursor.",
            "This cursor was made for another question or caller. Start again from the first page, without a cursor.",
        ),
    ),
    kind(
        "cursor-expired",
        410,
        ("Kursor kedaluwarsa", "Cursor expired"),
        (
            "Hasil yang dibagi per halaman ini tidak disimpan lagi. Mulai lagi dari halaman pertama tanpa kursor.",
            "The result that was being paged is not held any more. Start again from the first page, without a cursor.",
        ),
    ),
    kind(
        "sources-failed",
        503,
        ("Semua sumber gagal", "All sources failed"),
        (
            "Tidak satu pun sistem dapat menjawab; lihat sources untuk sebab masing-masing.",
            "None of the systems could answer; see sources for each one's cause.",
        ),
    ),
    kind(
        "access-log-unavailable",
        503,
        ("Catatan akses tidak tersedia", "Access log unavailable"),
        (
            "Data pribadi hanya ditampilkan bila aksesnya dapat dicatat. Data publik tetap tersedia. Coba lagi nanti.",
            "Personal data is shown only when its access can be put on record. Public data stays available. "
            "Try again later.",
        ),
    ),
    kind(
        "database-unavailable",
        503,
        ("Basis data gerbang tidak tersedia", "The gateway's database is unavailable"),
        (
            "Basis data gerbang tidak menjawab pada waktunya. Data publik tetap tersedia. Coba lagi sesudah waktu di "
            "Retry-After.",
            "The gateway's own database did not answer in time. Public data stays available. Try again after the time "
            "in Retry-After.",
        ),
    ),
    kind(
        "internal",
        500,
        ("Kesalahan di gerbang", "Fault in the gateway"),
        (
            "Terjadi kesalahan di gerbang. Sebutkan request_id saat meminta bantuan.",
            "Something went wrong in the gateway. Quote the request_id when asking for help.",
        ),
    ),
)

PROBLEMS: dict[str, ProblemType] = {problem.slug: problem for problem in _TYPES}
