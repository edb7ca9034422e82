"""Search over public records: an index of folded words, rebuilt when a list changes."""
