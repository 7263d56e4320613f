"""A picture as analyzers see it: checked by its digest, upright, decoded by what their identity names."""
