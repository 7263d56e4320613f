"""The node.toml that `vasculum init` writes: short, commented, with every default visible."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from node.config.model import CrawlConfig
from node.config.reader import parse_config
from node.errors import ConfigError

_TEMPLATE = """\
# The settings of this node. Check them after a change: vasculum config check

[node]
# The institution's name, as it stands in statements and citations.
name = {name}
# The name of this node's log. It is part of every signature, so it stays as it is.
origin = {origin}

[crawl]
# How many connections one host sees from us at a time.
max_per_host = {crawl.max_per_host}
# Seconds.
connect_timeout = {crawl.connect_timeout}
read_timeout = {crawl.read_timeout}
attempts = {crawl.attempts}
# Larger answers are refused, in bytes.
max_image_bytes = {crawl.max_image_bytes}
max_archive_bytes = {crawl.max_archive_bytes}
# Addresses in private networks are only fetched when you name them yourself, or with true here.
allow_private = false
# Ask each host's robots.txt before fetching from it.
robots = true
# Leave an image that its server reserves from text and data mining, unless you have its publisher's leave.
honour_tdm = true
# A mail address or page that other institutions see in our requests.
contact = ""

# A second place for images and archives that are rarely read: a folder, or s3://, gs:// or az://bucket/prefix.
# Credentials come from the provider's environment variables. See `vasculum tier --help`.
# [storage]
# archive = "s3://my-bucket/vasculum"
# archive_after_days = 365
# archive_withheld = false
# recall = true

# How much `vasculum serve` gives to one address, and how many requests a worker answers at a time:
# [serve]
# requests_per_second = 500.0
# burst = 5000.0
# connections = 256

# What showing images in parts and sizes (IIIF) may cost: bytes of disk for what is made of them, processes
# that decode (0: one for each processor), address space of each, and pixels that are sent at once:
# [iiif]
# cache_bytes = 21474836480
# decoders = 0
# memory = 4294967296
# most_sent = 33554432

# How many bytes one followed log may have here, and how many of the disk stay free, whatever peers send:
# [follow]
# most_bytes = 274877906944
# keep_free = 1073741824

# By which checklist `taxon` is asked here, with synonyms and all that lies below (`vasculum checklist`):
# [search]
# checklist = "hash://sha256/0000000000000000000000000000000000000000000000000000000000000000"

# `vasculum replicas` warns of slices with fewer copies than this:
# [replication]
# copies = 2

# What runs beside requests (`vasculum jobs`), and how much of it for one user:
# [jobs]
# at_once = 2
# running_per_user = 1
# waiting_per_user = 100

# How long people stay signed in (`vasculum user`), without doing anything and in all:
# [accounts]
# idle_hours = 12.0
# longest_days = 14.0
# An identity provider by which people sign in (OpenID Connect), ORCID or an institution; it sends them
# back to /account/oidc/callback. Its secret may be in $VASCULUM_OIDC_SECRET instead:
# [accounts.oidc]
# issuer = "https://orcid.org"
# client_id = "APP-..."
# name = "ORCID"
# role = "contributor"

# Analyzers that every image is read by (`vasculum analyzer ls`), whether each crawl ends with them, and
# whether the process that runs jobs begins by a back-fill (`vasculum analyze --backfill`):
# [analysis]
# analyzers = ["image-facts"]
# after_track = false
# back_fill = false

# The server that takes notices by mail (`vasculum watch`); its password is in $VASCULUM_MAIL_PASSWORD:
# [mail]
# host = "mail.museum.example"
# port = 587
# security = "starttls"
# sender = "vasculum@museum.example"
# user = "vasculum"

# Notices by webhook; private addresses are only called with true here:
# [webhooks]
# allow_private = false

# Specimens that must not leave this house, with their media; one block for each rule:
# [[policy.withhold]]
# column = "collectionCode"
# values = ["RARE"]

# Witnesses, who cosign each checkpoint of this log after seeing that it only grew: get their keys from them.
# [witness]
# threshold = 2
# [[witness.ask]]
# url = "https://witness.example/witness"
# key = "witness.example/w1+..."

# Taxa whose exact places must not leave, by names of any rank, here or in a file beside this one; their
# public records are generalised to a grid of "0.1 degree" or "1 degree", to the "country", or "withhold".
# [[sensitive.rules]]
# taxa = ["Ophrys apifera", "Falconidae"]
# file = "rare.txt"
# to = "0.1 degree"

# Whose notices of withdrawal count, beside those of whoever published a thing:
# [withdrawal]
# authorities = ["did:key:..."]
"""


_ORIGIN_LINE = re.compile(r"^[ \t]*origin[ \t]*=.*$", re.MULTILINE)


def new_config_text(name: str, origin: str) -> str:
    """The text of a new node's configuration."""
    return _TEMPLATE.format(name=_quoted(name), origin=_quoted(origin), crawl=CrawlConfig())


def text_with_origin(text: str, origin: str) -> str:
    """The text of a configuration under which the node's log has another name; all else stays as it is.

    Raises:
        ConfigError: the text needs mending, or does not give the name on a line of its own.
    """
    before = parse_config(text)
    changed = _ORIGIN_LINE.sub(lambda _: f"origin = {_quoted(origin)}", text, count=1)
    if parse_config(changed) != replace(before, identity=replace(before.identity, origin=origin)):
        raise ConfigError("node.toml does not name the log as `origin = ...` on a line of its own in [node].")
    return changed


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
