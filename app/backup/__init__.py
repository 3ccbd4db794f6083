"""All that a bureau must not lose, in one file while `serve` runs, and back again: docs/deployment.md, decision 25."""
