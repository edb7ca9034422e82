"""Drift: a field vanished, an unknown code, a type that changed in a system's answers.

`detector` compares answers with those before · `record_shape` what stood in a wire record · `store` keeps findings in
the database.
"""
