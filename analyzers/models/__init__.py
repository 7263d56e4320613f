"""Models: where their bytes come from, and how they are run."""
