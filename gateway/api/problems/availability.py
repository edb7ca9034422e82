"""Problem types of requests that could succeed at another time: limits of callers, and failures of the gateway."""

from gateway.api.problems.definition import problem_type

AVAILABILITY = (
    problem_type(
        "too-many-tries",
        429,
        ("Terlalu banyak percobaan", "Too many attempts"),
        (
            "Terlalu banyak percobaan dalam waktu singkat. Tunggu selama Retry-After.",
            "Too many attempts in a short time. Wait for the time in Retry-After.",
        ),
    ),
    problem_type(
        "rate-limited",
        429,
        ("Terlalu banyak permintaan", "Too many requests"),
        (
            "Terlalu banyak permintaan dalam waktu singkat; RateLimit-Policy menyebut batasnya. Tunggu selama "
            "Retry-After.",
            "Too many requests in a short time; RateLimit-Policy states the limit. Wait for the time in Retry-After.",
        ),
    ),
    problem_type(
        "overloaded",
        503,
        ("Gerbang terlalu sibuk", "The gateway is overloaded"),
        (
            "Terlalu banyak permintaan sedang dikerjakan. Permintaan ini tidak dikerjakan. Coba lagi sesudah waktu di "
            "Retry-After.",
            "Too many requests are being processed. This request was not processed. Try again after the time in "
            "Retry-After.",
        ),
    ),
    problem_type(
        "sources-failed",
        503,
        ("Semua sumber gagal", "All sources failed"),
        (
            "Tidak satu pun sistem dapat menjawab; lihat sources untuk sebab masing-masing.",
            "No system could answer; sources lists the cause for each system.",
        ),
    ),
    problem_type(
        "access-log-unavailable",
        503,
        ("Catatan akses tidak tersedia", "Access log unavailable"),
        (
            "Data pribadi hanya ditampilkan bila aksesnya dapat dicatat. Data publik tetap tersedia. Coba lagi nanti.",
            "Personal data is shown only if the access can be recorded. Public data stays available. Try again later.",
        ),
    ),
    problem_type(
        "database-unavailable",
        503,
        ("Basis data gerbang tidak tersedia", "The gateway's database is unavailable"),
        (
            "Basis data gerbang tidak menjawab pada waktunya. Data publik tetap tersedia. Coba lagi sesudah waktu di "
            "Retry-After.",
            "The gateway's database did not answer in time. Public data stays available. Try again after the time "
            "in Retry-After.",
        ),
    ),
    problem_type(
        "internal",
        500,
        ("Kesalahan di gerbang", "Internal error"),
        (
            "Terjadi kesalahan di gerbang. Sebutkan request_id saat meminta bantuan.",
            "An error occurred in the gateway. Quote the request_id when you request support.",
        ),
    ),
)
