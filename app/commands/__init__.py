"""The groups of the command line, a file each."""
