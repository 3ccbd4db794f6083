"""The two who follow the journal."""
