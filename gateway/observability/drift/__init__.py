"""Drift: a field vanished, an unknown code, a type that changed in a system's answers.

`queue` lets answers wait for their comparison, beside the requests · `detector` compares answers with those before ·
`record_shape` what stood in a wire record · `store` keeps findings in the database.
"""
