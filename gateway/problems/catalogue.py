"""Every type of problem: its HTTP status, and for people what it means and what to do about it."""

from dataclasses import dataclass

from schemas.envelope import Cause
from schemas.texts import Text


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One type of problem. Its slug is the last part of its address and never changes."""

    slug: str
    status: int
    title: Text
    detail: Text


def _type(slug: str, status: int, title: tuple[str, str], detail: tuple[str, str]) -> ProblemType:
    return ProblemType(slug, status, Text(id=title[0], en=title[1]), Text(id=detail[0], en=detail[1]))


_TYPES = (
    _type(
        "not-authenticated",
        401,
        ("Belum masuk", "Not signed in"),
        (
            "Permintaan ini memerlukan token akses yang sah. Masuk dahulu, lalu kirim token di header Authorization.",
            "This request needs a valid access token. Sign in first, then send the token in the Authorization header.",
        ),
    ),
    _type(
        "stronger-sign-in-needed",
        401,
        ("Perlu masuk dengan lebih kuat", "Stronger sign-in needed"),
        (
            "Data ini hanya ditampilkan sesudah masuk dengan faktor kedua (acr 2). Masuk lagi dengan acr_values=2.",
            "This data is shown only after a sign-in with a second factor (acr 2). Sign in again with acr_values=2.",
        ),
    ),
    _type(
        "insufficient-scope",
        403,
        ("Cakupan kurang", "Insufficient scope"),
        (
            "Token tidak memuat semua cakupan yang diperlukan. Minta persetujuan untuk cakupan yang disebut.",
            "The token lacks a scope that this needs. Ask for consent to the scopes named.",
        ),
    ),
    _type(
        "forbidden",
        403,
        ("Tidak berhak", "Not allowed"),
        (
            "Peran Anda tidak berhak atas data ini.",
            "Your role has no access to this data.",
        ),
    ),
    _type(
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
    _type(
        "not-found",
        404,
        ("Tidak ditemukan", "Not found"),
        (
            "Tidak ada yang dapat ditampilkan di alamat ini. Periksa alamat atau nomor yang dipakai.",
            "There is nothing to show at this address. Check the address or the id.",
        ),
    ),
    _type(
        "method-not-allowed",
        405,
        ("Metode tidak berlaku", "Method not allowed"),
        (
            "Alamat ini tidak melayani metode tersebut; lihat header Allow.",
            "This address does not serve that method; see the Allow header.",
        ),
    ),
    _type(
        "not-acceptable",
        406,
        ("Bentuk tidak tersedia", "Not acceptable"),
        (
            "Jawaban hanya tersedia sebagai application/json.",
            "The answer is available as application/json only.",
        ),
    ),
    _type(
        "invalid-request",
        422,
        ("Permintaan tidak sah", "Invalid request"),
        (
            "Sebagian dari permintaan tidak dapat dipakai; lihat errors untuk letak dan perbaikannya.",
            "Part of the request cannot be used; see errors for where, and how to mend it.",
        ),
    ),
    _type(
        "malformed-request",
        400,
        ("Permintaan tidak terbaca", "Unreadable request"),
        (
            "Permintaan tidak dapat dibaca. Kirim JSON yang benar dengan Content-Type: application/json.",
            "The request cannot be read. Send well-formed JSON with Content-Type: application/json.",
        ),
    ),
    _type(
        "unsupported-media-type",
        415,
        ("Jenis isi tidak didukung", "Unsupported media type"),
        (
            "Kirim isi permintaan sebagai application/json.",
            "Send the body of the request as application/json.",
        ),
    ),
    _type(
        "request-too-large",
        413,
        ("Permintaan terlalu besar", "Request too large"),
        (
            "Isi permintaan melebihi batas 64 KiB.",
            "The body of the request is over the limit of 64 KiB.",
        ),
    ),
    _type(
        "cursor-invalid",
        422,
        ("Kursor tidak sah", "Invalid cursor"),
        (
            "Kursor ini bukan milik pertanyaan ini. Mulai lagi dari halaman pertama tanpa kursor.",
            "This cursor does not belong to this question. Start again from the first page, without a cursor.",
        ),
    ),
    _type(
        "cursor-expired",
        410,
        ("Kursor kedaluwarsa", "Cursor expired"),
        (
            "Hasil yang dihalamankan tidak lagi disimpan. Mulai lagi dari halaman pertama tanpa kursor.",
            "The result being paged is not held any more. Start again from the first page, without a cursor.",
        ),
    ),
    _type(
        Cause.TOO_MANY,
        422,
        ("Hasil terlalu banyak", "Too many results"),
        (
            "Hasil melebihi batas dan tidak dipotong diam-diam. Persempit dengan saringan, atau naikkan limit.",
            "The result is over its bound and is never cut in silence. Narrow the question by filters, or raise limit.",
        ),
    ),
    _type(
        Cause.TIMEOUT,
        504,
        ("Sistem terlalu lambat", "System too slow"),
        (
            "Sistem asal tidak menjawab sebelum batas waktu. Coba lagi, atau beri waktu lebih dengan Prefer: wait=N.",
            "The system did not answer within the deadline. Try again, or allow more time with Prefer: wait=N.",
        ),
    ),
    _type(
        Cause.UNAVAILABLE,
        503,
        ("Sistem tidak tersedia", "System unavailable"),
        (
            "Sistem asal sedang tidak tersedia. Coba lagi sesudah waktu di Retry-After.",
            "The system is not available at the moment. Try again after the time in Retry-After.",
        ),
    ),
    _type(
        Cause.CIRCUIT_OPEN,
        503,
        ("Sistem sedang dijeda", "System paused"),
        (
            "Sistem asal gagal berulang kali dan dijeda sebentar. Coba lagi sesudah waktu di Retry-After.",
            "The system failed repeatedly and is being spared for a moment. Try again after the time in Retry-After.",
        ),
    ),
    _type(
        Cause.NO_SEAT,
        503,
        ("Sistem penuh", "System full"),
        (
            "Semua kursi ke sistem asal terpakai sampai batas waktu. Coba lagi sebentar lagi.",
            "Every seat at the system stayed taken until the deadline. Try again in a moment.",
        ),
    ),
    _type(
        Cause.QUOTA_SPENT,
        503,
        ("Kuota habis", "Quota spent"),
        (
            "Kuota harian pada sistem asal telah habis. Coba lagi sesudah waktu di Retry-After.",
            "The daily quota at the system is spent. Try again after the time in Retry-After.",
        ),
    ),
    _type(
        Cause.CREDENTIALS_REFUSED,
        502,
        ("Gerbang ditolak sistem", "System refuses the gateway"),
        (
            "Sistem asal menolak gerbang; operator sudah diberi tahu. Mengulang tidak membantu.",
            "The system refuses the gateway; the operator has been told. Trying again does not help.",
        ),
    ),
    _type(
        Cause.QUERY_REFUSED,
        502,
        ("Pertanyaan ditolak sistem", "System refuses the question"),
        (
            "Sistem asal menolak pertanyaan ini. Ubah saringannya.",
            "The system refuses this question. Change its filters.",
        ),
    ),
    _type(
        Cause.MALFORMED,
        502,
        ("Jawaban sistem tidak terbaca", "System's answer unreadable"),
        (
            "Sistem asal menjawab dengan sesuatu yang tidak terbaca; operator melihatnya. Coba lagi nanti.",
            "The system answered with something unreadable; the operator sees it. Try again later.",
        ),
    ),
    _type(
        "sources-failed",
        503,
        ("Semua sumber gagal", "All sources failed"),
        (
            "Tidak satu pun sistem dapat menjawab; lihat sources untuk sebab masing-masing.",
            "None of the systems could answer; see sources for each one's cause.",
        ),
    ),
    _type(
        "access-log-unavailable",
        503,
        ("Catatan akses tidak tersedia", "Access log unavailable"),
        (
            "Data pribadi hanya ditampilkan bila aksesnya dapat dicatat. Data publik tetap tersedia. Coba lagi nanti.",
            "Personal data is shown only when its access can be put on record. Public data stays available. "
            "Try again later.",
        ),
    ),
    _type(
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
