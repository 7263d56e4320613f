"""What we are measured against: bare loops of our own, and programs of others."""
