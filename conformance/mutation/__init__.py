"""Recorded payloads, damaged and said again: thousands of damages in the time in which a twin answers a few questions.

`taping` records what an adapter and its twin say to each other · `replaying` says it again, with one payload damaged
`payloads` takes payloads of any kind apart, into `tables` of text, JSON and rows, and `markup`: XML and archives
`mutants` generated damages
`whole` damages to every record of a payload · `payload_rules`, `record_rules` what an adapter has to make of them
"""
