"""A synthetic museum: drawn specimens with ground truth, their archive, a server that can misbehave.

with Museum("demo-museum") as museum:
    ...  # harvest museum.archive_url
    museum.advance()
    ...  # harvest again: one row added, one removed, one changed; one image new, one changed, one gone
"""

from node.museum.server import Museum

__all__ = ["Museum"]
