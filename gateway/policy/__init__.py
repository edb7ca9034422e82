"""Policy: what may be asked, of whom, and what may be seen. `narrow` before a question, `disclose` after it."""
