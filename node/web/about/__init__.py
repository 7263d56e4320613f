"""Pages about the node itself: who it is, what it holds and follows, and how that has gone."""
