"""Drift detection: vanished fields, unknown codes and changed types in a system's answers.

`queue` queues answers for comparison in the background · `detector` compares answers with earlier ones · `record_shape`
extracts field names and unknown codes from records · `store` stores drifts in the database.
"""
