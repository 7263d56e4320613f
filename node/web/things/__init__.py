"""The pages of one thing: a record, or an image."""
