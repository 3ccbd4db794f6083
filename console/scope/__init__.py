"""What those see who are held to sub-districts: each module has the twin of a part of `console.desk`."""
