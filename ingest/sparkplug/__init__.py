"""Sparkplug B as it is on the wire; `ingest/decoders/sparkplug.py` says what it means."""
