"""What tests of crawling need: a web site on loopback that behaves as badly as it is told."""

from crawlers.testing.fetching import fetch_now
from crawlers.testing.scripted_site import Asked, ScriptedSite, answer

__all__ = ["Asked", "ScriptedSite", "answer", "fetch_now"]
