"""Reports: figures of a period as people print, send and calculate with them."""
