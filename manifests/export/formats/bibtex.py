"""BibTeX and BibLaTeX."""

from manifests.citing import cite_bibtex
from manifests.export.citation_file import CitationFile

EXPORTER = CitationFile("bibtex", "a reference for LaTeX", "citation.bib", cite_bibtex)
