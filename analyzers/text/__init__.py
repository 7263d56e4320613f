"""Reading text in pictures: where lines are, what they say, and in which order."""
