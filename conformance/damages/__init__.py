"""Ways in which an answer, or a file, can be damaged.

`answers` for HTTP: groups of damages, each with what it may lead to · `files` for folders · `bodies` what both are made
of · `judging` whether what came of one is right
"""
