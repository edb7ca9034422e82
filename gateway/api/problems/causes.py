"""Problem types for the causes of a failed source, answered if the failed source was the only one."""

from gateway.api.problems.definition import ProblemType
from schemas.envelope import Cause
from schemas.texts import Text


def _problem_type(cause: Cause, status: int, detail: tuple[str, str]) -> ProblemType:
    return ProblemType(cause.value, status, cause.text, Text(id=detail[0], en=detail[1]))


CAUSES: tuple[ProblemType, ...] = (
    _problem_type(
        Cause.TOO_MANY,
        422,
        (
            "Hasilnya melebihi batas, dan tidak dipotong diam-diam. Persempit dengan saringan, atau naikkan limit.",
            "The result exceeds its limit, and is not truncated silently. Narrow it with filters, or increase limit.",
        ),
    ),
    _problem_type(
        Cause.TIMEOUT,
        504,
        (
            "Sistem asal tidak menjawab sebelum batas waktu. Coba lagi, atau beri waktu lebih dengan Prefer: wait=N.",
            "The system did not answer within the deadline. Try again, or allow more time with Prefer: wait=N.",
        ),
    ),
    _problem_type(
        Cause.UNAVAILABLE,
        503,
        (
            "Sistem asal sedang tidak tersedia. Coba lagi sesudah waktu di Retry-After.",
            "The system is not available at the moment. Try again after the time in Retry-After.",
        ),
    ),
    _problem_type(
        Cause.CIRCUIT_OPEN,
        503,
        (
            "Sistem asal gagal berulang kali dan sebentar tidak ditanyai. Coba lagi sesudah waktu di Retry-After.",
            "The system has failed repeatedly, so calls to it are paused. Try again after the time in Retry-After.",
        ),
    ),
    _problem_type(
        Cause.CONCURRENCY_LIMIT,
        503,
        (
            "Sistem asal terus sibuk melayani permintaan lain sampai batas waktu. Coba lagi sebentar lagi.",
            "The system was busy with other requests until the deadline. Try again in a moment.",
        ),
    ),
    _problem_type(
        Cause.QUOTA_SPENT,
        503,
        (
            "Kuota harian pada sistem asal telah habis. Coba lagi sesudah waktu di Retry-After.",
            "The daily quota at the system is exhausted. Try again after the time in Retry-After.",
        ),
    ),
    _problem_type(
        Cause.NOT_PROVEN,
        503,
        (
            "Adaptor sistem ini belum lulus uji yang disyaratkan untuk data ini. Pengelola gerbang harus mengujinya.",
            "This system's adapter has not passed the tests that this data requires. The operator has to run them.",
        ),
    ),
    _problem_type(
        Cause.CREDENTIALS_REFUSED,
        502,
        (
            "Sistem asal menolak gerbang. Pengelola gerbang harus bertindak; mengulang tidak membantu.",
            "The system refuses the gateway's credentials. The operator has to act; retrying does not help.",
        ),
    ),
    _problem_type(
        Cause.QUERY_REFUSED,
        502,
        (
            "Sistem asal menolak pertanyaan ini. Ubah saringannya.",
            "The system refuses this query. Change its filters.",
        ),
    ),
    _problem_type(
        Cause.MALFORMED,
        502,
        (
            "Sistem asal menjawab dengan sesuatu yang tidak terbaca. Coba lagi nanti.",
            "The system returned an unreadable answer. Try again later.",
        ),
    ),
)
