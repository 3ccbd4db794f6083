"""The page that a shop reaches by the link in its notice."""
