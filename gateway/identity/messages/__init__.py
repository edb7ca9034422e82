"""Messages to people: texts, the outbox that sends each once, and the senders (SMTP, SMS webhook, file)."""
