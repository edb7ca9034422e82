"""Problem types for the causes of a failed source, answered if the failed source was the only one."""

from gateway.api.problems.definition import ProblemType, problem_type
from schemas.envelope import Cause

CAUSES: tuple[ProblemType, ...] = (
    problem_type(
        Cause.TOO_MANY,
        422,
        ("Hasil terlalu banyak", "Too many results"),
        (
            "Hasilnya melebihi batas, dan tidak dipotong diam-diam. Persempit dengan saringan, atau naikkan limit.",
            "The result exceeds its limit, and is not truncated silently. Narrow it with filters, or increase limit.",
        ),
    ),
    problem_type(
        Cause.TIMEOUT,
        504,
        ("Sistem terlalu lambat", "System too slow"),
        (
            "Sistem asal tidak menjawab sebelum batas waktu. Coba lagi, atau beri waktu lebih dengan Prefer: wait=N.",
            "The system did not answer within the deadline. Try again, or allow more time with Prefer: wait=N.",
        ),
    ),
    problem_type(
        Cause.UNAVAILABLE,
        503,
        ("Sistem tidak tersedia", "System unavailable"),
        (
            "Sistem asal sedang tidak tersedia. Coba lagi sesudah waktu di Retry-After.",
            "The system is not available at the moment. Try again after the time in Retry-After.",
        ),
    ),
    problem_type(
        Cause.CIRCUIT_OPEN,
        503,
        ("Sistem sedang dijeda", "System paused"),
        (
            "Sistem asal gagal berulang kali dan sebentar tidak ditanyai. Coba lagi sesudah waktu di Retry-After.",
            "The system has failed repeatedly, so calls to it are paused. Try again after the time in Retry-After.",
        ),
    ),
    problem_type(
        Cause.CONCURRENCY_LIMIT,
        503,
        ("Sistem penuh", "System busy"),
        (
            "Sistem asal terus sibuk melayani permintaan lain sampai batas waktu. Coba lagi sebentar lagi.",
            "The system was busy with other requests until the deadline. Try again in a moment.",
        ),
    ),
    problem_type(
        Cause.QUOTA_SPENT,
        503,
        ("Kuota habis", "Quota exhausted"),
        (
            "Kuota harian pada sistem asal telah habis. Coba lagi sesudah waktu di Retry-After.",
            "The daily quota at the system is exhausted. Try again after the time in Retry-After.",
        ),
    ),
    problem_type(
        Cause.NOT_PROVEN,
        503,
        ("Adaptor belum teruji", "Adapter not verified"),
        (
            "Adaptor sistem ini belum lulus uji yang disyaratkan untuk data ini. Pengelola gerbang harus mengujinya.",
            "This system's adapter has not passed the tests that this data requires. The operator has to run them.",
        ),
    ),
    problem_type(
        Cause.CREDENTIALS_REFUSED,
        502,
        ("Gerbang ditolak sistem", "System refuses the gateway"),
        (
            "Sistem asal menolak gerbang. Pengelola gerbang harus bertindak; mengulang tidak membantu.",
            "The system refuses the gateway's credentials. The operator has to act; retrying does not help.",
        ),
    ),
    problem_type(
        Cause.QUERY_REFUSED,
        502,
        ("Pertanyaan ditolak sistem", "System refuses the query"),
        (
            "Sistem asal menolak pertanyaan ini. Ubah saringannya.",
            "The system refuses this query. Change its filters.",
        ),
    ),
    problem_type(
        Cause.MALFORMED,
        502,
        ("Jawaban sistem tidak terbaca", "Unreadable answer from the system"),
        (
            "Sistem asal menjawab dengan sesuatu yang tidak terbaca. Coba lagi nanti.",
            "The system returned an unreadable answer. Try again later.",
        ),
    ),
)
