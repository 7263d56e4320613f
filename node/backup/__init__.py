"""Backups: everything a node needs to live again elsewhere, and nothing that could make it fork its log."""

from node.backup.manifest import Manifest
from node.backup.place import open_backup
from node.backup.restore import Restored, restore_node
from node.backup.take import Taken, take_backup

__all__ = ["Manifest", "Restored", "Taken", "open_backup", "restore_node", "take_backup"]
