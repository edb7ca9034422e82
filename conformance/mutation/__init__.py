"""Damage to recorded payloads: thousands of damages in the time of a few answers of a simulator.

recorder, recordings              record the exchange between adapter and simulator; all recordings of one adapter
replay                            repeats a recording with one payload damaged
payloads, tables, markup          find lists of records in payloads: text, JSON, rows; XML and archives
mutants, list_damages             generated damages to one value or to bytes; the same damage to every record
payload_rules, record_rules, list_damage_rules   what an adapter must make of them
"""
