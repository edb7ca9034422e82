"""The conformance suite: what every adapter passes, without a line written by its author, and the level it earns.

`rules` what a rule is · `catalogue` all of them, and those not written yet · `levels`, `report` what comes out of them
`bench` one adapter before its twin · `city` the twin's process · `way` asks as the gateway asks
`questions`, `outcomes`, `exploring` what can be asked, and what comes of it · `watching` what must not be told
`proxy`, `damages`, `targets` answers damaged between twin and adapter · `clerk`, `commands` writes that a twin takes
`shape`, `golden`, `rows`, `subjects`, `hostile`, `folders`, `paging`, `feeds`, `probing`, `redaction`, `writes`,
`file_writes`: checks

Run by `python -m conformance check …`, which `gerbang adapter check` starts.
"""
