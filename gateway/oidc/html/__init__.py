"""What pages look like: templates, style sheet, texts in Indonesian and English, and the headers of a page."""
