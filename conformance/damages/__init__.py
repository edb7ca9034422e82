"""Ways of damaging an answer or a file.

`answers`: damages to HTTP answers, in groups, each with its allowed results · `files`: damages to files · `bodies`: the
content that both use · `verdicts`: whether the outcome of a damage is allowed
"""
