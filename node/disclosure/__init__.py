"""What may be told, and how exactly: sensitive taxa, places in pictures, reservations (spec/disclosure.md)."""
