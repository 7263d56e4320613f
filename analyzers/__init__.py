"""From image to finding: reserved for programs that read images; nothing is here yet."""
