"""Problems that are causes of a failed source: the same words, answered when it was the only source."""

from gateway.api.problems.definition import ProblemType, kind
from schemas.envelope import Cause

CAUSES: tuple[ProblemType, ...] = (
    kind(
        Cause.TOO_MANY,
        422,
        ("Hasil terlalu banyak", "Too many results"),
        (
            "Hasilnya melebihi batas, dan tidak dipotong diam-diam. Persempit dengan saringan, atau naikkan limit.",
            "The result is over its limit and is not cut off silently. Narrow it by filters, or raise limit.",
        ),
    ),
    kind(
        Cause.TIMEOUT,
        504,
        ("Sistem terlalu lambat", "System too slow"),
        (
            "Sistem asal tidak menjawab sebelum batas waktu. Coba lagi, atau beri waktu lebih dengan Prefer: wait=N.",
            "The system did not answer within the deadline. Try again, or allow more time with Prefer: wait=N.",
        ),
    ),
    kind(
        Cause.UNAVAILABLE,
        503,
        ("Sistem tidak tersedia", "System unavailable"),
        (
            "Sistem asal sedang tidak tersedia. Coba lagi sesudah waktu di Retry-After.",
            "The system is not available at the moment. Try again after the time in Retry-After.",
        ),
    ),
    kind(
        Cause.CIRCUIT_OPEN,
        503,
        ("Sistem sedang dijeda", "System paused"),
        (
            "Sistem asal gagal berulang kali dan sebentar tidak ditanyai. Coba lagi sesudah waktu di Retry-After.",
            "The system has failed repeatedly and is not asked for a moment. Try again after the time in Retry-After.",
        ),
    ),
    kind(
        Cause.CONCURRENCY_LIMIT,
        503,
        ("Sistem penuh", "System full"),
        (
            "Sistem asal terus sibuk melayani permintaan lain sampai batas waktu. Coba lagi sebentar lagi.",
            "The system was busy with as many requests as it can bear, until the deadline. Try again in a moment.",
        ),
    ),
    kind(
        Cause.QUOTA_SPENT,
        503,
        ("Kuota habis", "Quota spent"),
        (
            "Kuota harian pada sistem asal telah habis. Coba lagi sesudah waktu di Retry-After.",
            "The daily quota at the system is spent. Try again after the time in Retry-After.",
        ),
    ),
    kind(
        Cause.NOT_PROVEN,
        503,
        ("Adaptor belum teruji", "Adapter not proven"),
        (
            "Adaptor sistem ini belum lulus uji yang disyaratkan untuk data ini. Pengelola gerbang harus mengujinya.",
            "This system's adapter has not passed the tests that this data requires. The operator has to check it.",
        ),
    ),
    kind(
        Cause.CREDENTIALS_REFUSED,
        502,
        ("Gerbang ditolak sistem", "System refuses the gateway"),
        (
            "Sistem asal menolak gerbang. Pengelola gerbang harus bertindak; mengulang tidak membantu.",
            "The system refuses the gateway. The operator has to act; trying again does not help.",
        ),
    ),
    kind(
        Cause.QUERY_REFUSED,
        502,
        ("Pertanyaan ditolak sistem", "System refuses the question"),
        (
            "Sistem asal menolak pertanyaan ini. Ubah saringannya.",
            "The system refuses this question. Change its filters.",
        ),
    ),
    kind(
        Cause.MALFORMED,
        502,
        ("Jawaban sistem tidak terbaca", "System's answer unreadable"),
        (
            "Sistem asal menjawab dengan sesuatu yang tidak terbaca. Coba lagi nanti.",
            "The system answered with something unreadable. Try again later.",
        ),
    ),
)
