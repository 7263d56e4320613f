"""What may be told, and how exactly: sensitive taxa, places, reservations (spec/disclosure.md)."""
