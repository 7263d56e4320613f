"""Search over all public records that the node has: filters, facets, pages, growth (spec/search.md)."""
