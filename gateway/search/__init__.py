"""Search: words, folded, looked for in what a caller may see; the same words always find the same in the same order."""
