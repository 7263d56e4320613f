"""What a new analyzer does at first, one module for each task: copied as they stand into the new package."""
