"""A month of an invented city through the real code, and the same month counted by hand."""
