"""The Citation File Format: the CITATION.cff that repositories of software and data show."""

from manifests.citing import cite_cff
from manifests.export.citation_file import CitationFile

EXPORTER = CitationFile("cff", "CITATION.cff alone (GitHub, Zenodo)", "CITATION.cff", cite_cff)
