"""What runs in the processes that decode images; nothing here is imported by the server itself."""
