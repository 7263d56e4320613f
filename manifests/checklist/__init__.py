"""Lists of taxa with what lies below each, which filters may ask by (spec/checklists.md)."""

from manifests.checklist.below import names_below
from manifests.checklist.expand import expanded
from manifests.checklist.taxa import Checklist, Taxon, checklist_bytes

__all__ = ["Checklist", "Taxon", "checklist_bytes", "expanded", "names_below"]
