"""What looking at a city's cameras takes, and what it takes with what people use instead."""
