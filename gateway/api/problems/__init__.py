"""Problem answers: one table of what can go wrong, one place that turns intent into an answer, one page for each."""
