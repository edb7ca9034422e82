"""Generated damage to recorded payloads: thousands of damages in the time of a few answers of a simulator.

recorder, recordings           record the exchanges between adapter and simulator; all recordings of one adapter
replay                         replay a recording with damaged payloads
payloads, tables, markup       find lists of records in payloads: text, JSON, rows; XML and archives
mutants, list_damages          damage one value, or bytes; damage every record of a list in the same way
payload_rules, record_rules, list_damage_rules   the rules that use them
"""
