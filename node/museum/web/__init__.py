"""Real HTTP/1.1 for the museum: what a static file server says (RFC 9110), and how to make it misbehave."""
