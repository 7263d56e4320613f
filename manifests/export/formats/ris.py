"""RIS, which reference managers exchange."""

from manifests.citing import cite_ris
from manifests.export.citation_file import CitationFile

EXPORTER = CitationFile("ris", "a reference for EndNote, Zotero and their like", "citation.ris", cite_ris)
