"""What is there more than once: links between records and pictures, never merges (spec/duplicates.md)."""
