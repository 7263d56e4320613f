"""Citations of what a node holds: in words for people, as a bundle for whoever wants proof."""

from node.cite.bundle import bundle_of
from node.cite.thing import cited_thing

__all__ = ["bundle_of", "cited_thing"]
