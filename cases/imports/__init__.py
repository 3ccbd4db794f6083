"""Registers as offices send them, into those of a site."""
