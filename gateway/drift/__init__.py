"""Drift: a field vanished, a code nobody knew, a type changed. Noticed while normalising, kept, shown to operators.

`shapes` what stood in a wire record · `noticing` compares it with what stood there before · `keeping` the database
"""
