"""Search over public records: an index of folded words, made again when a list changes."""
