"""DataCite's metadata kernel 4 as JSON, for who registers a DOI for the dataset."""

from manifests.citing import cite_datacite
from manifests.export.citation_file import CitationFile

EXPORTER = CitationFile("datacite", "DataCite metadata, to register a DOI", "datacite.json", cite_datacite)
