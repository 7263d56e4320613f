"""CSL-JSON, the input of citation processors."""

from manifests.citing import cite_csl
from manifests.export.citation_file import CitationFile

EXPORTER = CitationFile("csl", "a reference for pandoc and Zotero", "citation.json", cite_csl)
