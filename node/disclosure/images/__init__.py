"""Images without what they say of where they were taken: the picture's own data, bit for bit."""
