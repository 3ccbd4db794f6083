"""What is shipped to run the product elsewhere, and backups of one that runs."""
