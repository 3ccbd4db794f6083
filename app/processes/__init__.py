"""The parts of `serve` that run in processes of their own: what they do there, and how `serve` sees them."""
