"""Cases as other systems want them: Open311 and files."""
