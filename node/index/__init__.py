"""The queryable database, derived from log and segments; it can always be thrown away and rebuilt."""

from node.index.apply import apply_log
from node.index.database import Index
from node.index.ddl import OWN_LOG
from node.index.digest import index_digest, log_digest

__all__ = ["OWN_LOG", "Index", "apply_log", "index_digest", "log_digest"]
