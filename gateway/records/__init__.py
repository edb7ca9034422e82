"""Records: normalisation of wire payloads, record ids, order, and serialisation.

`normaliser` builds records one by one and sets bad ones aside · `ids` seals record ids · `matching` selects records by
a query · `merge_order` sorts records in a total order · `serialization` serialises records for storage. May import
`ground`.
"""
