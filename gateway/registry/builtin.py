"""The adapters in the tree: the only place in the gateway that names them. One line for each."""

BUILTIN: dict[str, str] = {
    "dukcapil": "adapters.dukcapil",
    "e-kelurahan": "adapters.e_kelurahan",
    "e-puskesmas": "adapters.e_puskesmas",
    "wirausaha-baru": "adapters.wirausaha_baru",
}
