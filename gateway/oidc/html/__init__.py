"""Templates, style sheet, Indonesian and English texts, and headers of the pages."""
