"""The page that a shop reaches by the link in its notice. It needs no account, and shows nothing of anybody else."""
