"""The conformance suite: what every adapter passes, without a line written by its author, and the level it earns.

`rules` what a rule is · `catalogue` all of them, and those that are not written yet · `levels`, `report` what comes out
`bench` one adapter before its twin · `city` the twin's process · `way` asks as the gateway asks · `questions`, `outcomes`
`proxy`, `damages` answers damaged between twin and adapter · `watching` what must not be told, and where it is looked for
`shape`, `golden`, `rows`, `subjects`, `hostile`, `folders`, `paging`, `feeds`, `probing`, `redaction`, `writes` the checks

Run by `python -m conformance check …`, which `gerbang adapter check` starts.
"""
