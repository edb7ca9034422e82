"""The built-in adapters, one line each: the only place in the gateway that names them."""

BUILTIN: dict[str, str] = {
    "atcs": "adapters.atcs",
    "dukcapil": "adapters.dukcapil",
    "e-kelurahan": "adapters.e_kelurahan",
    "e-puskesmas": "adapters.e_puskesmas",
    "konsultasi-publik": "adapters.konsultasi_publik",
    "lapor": "adapters.lapor",
    "rtmc": "adapters.rtmc",
    "sipd-rkpd": "adapters.sipd_rkpd",
    "trans-banjarmasin": "adapters.trans_banjarmasin",
    "wirausaha-baru": "adapters.wirausaha_baru",
}
