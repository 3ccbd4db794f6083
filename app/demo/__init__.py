"""A simulated city to run the product on, and the accounts of what must arrive."""
