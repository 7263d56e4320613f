"""IIIF: pictures by digest for any viewer, in any part, size and turn (spec/iiif.md)."""
