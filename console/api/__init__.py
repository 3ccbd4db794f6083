"""The API: the same city as data. Times are RFC 3339 with the site's offset."""
