"""The simulator of the database of public consultations (Forum Konsultasi Publik, Musrenbang)."""
