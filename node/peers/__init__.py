"""Other nodes: whom this one follows, and how what their logs name comes here."""
