"""Taking back what was published: notices, their effects on the index, and the operator's decisions."""
