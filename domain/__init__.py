"""The nouns of the field. No I/O; imports nothing of ours."""
