"""Records: made from an adapter's wire payloads, identified, ordered, and written as bytes.

`normaliser` makes records one by one and sets bad ones aside · `ids` seals record ids · `merge_order` is the one total
order · `serialization` writes records for storage. May import `ground`.
"""
