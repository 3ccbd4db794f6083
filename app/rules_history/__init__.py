"""Stored history as the rules first heard it: out of a series store, or out of the journal."""
