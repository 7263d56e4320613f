"""Other people's code, run where it can reach nothing: bubblewrap, limits of the kernel, and a filter of calls."""
