"""The city's platform is told of every step of every case: at least once, and in order within a case."""
