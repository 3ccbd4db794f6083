"""What people, and machines, are told: composed, kept in the outbox, sent through channels."""
