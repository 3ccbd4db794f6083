"""Messages from the broker into the journal, and out of it as readings, statuses and sightings."""
