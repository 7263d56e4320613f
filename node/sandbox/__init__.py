"""Other people's code, run where it reaches nothing: bubblewrap, the kernel's limits, a filter of calls."""
