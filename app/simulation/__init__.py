"""A month of an invented city through the real rules, book and outbox, in minutes: what reports will look like."""
