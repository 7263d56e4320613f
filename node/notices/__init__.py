"""Who wants to be told of what: saved filters and datasets that are watched, by feed, webhook and mail.

`watching` looks and writes events, `feed`, `webhook` and `mail` tell of them (spec/notices.md).
"""
