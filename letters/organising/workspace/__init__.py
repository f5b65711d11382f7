"""What every page of the workspace shares: who is there, what a page asks of them, its frame."""
