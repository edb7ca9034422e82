"""The conformance suite: what every adapter passes, without a line written by its author, and the level it earns.

`rules` what a rule is · `catalogue` all of them · `running` checks them · `levels`, `report` what comes out of them
`adapters` which there are · `bench` one before its twin · `city` the twin's process · `way` asks as the gateway asks ·
`standing` the gateway itself before a twin
`questions`, `outcomes`, `exploring` what can be asked, and what comes of it · `watching`, `memory` what must not be
told, or taken
`proxy`, `messages`, `damages`, `targets` answers damaged between twin and adapter · `mutation` recorded ones damaged ·
`clerk`, `commands` writes that a twin takes
`shape`, `golden`, `rows`, `subjects`, `hostile`, `folders`, `databases`, `paging`, `moving`, `feeds`, `doors`,
`probing`, `limits`, `identity`, `drifting`, `faulting`, `redaction`, `writes`, `file_writes`, `live`: checks
`plugin` the rules as tests of whoever writes an adapter

Run by `python -m conformance check …`, which `gerbang adapter check` starts.
"""
