"""Metadata of datasets: title, creators, licence and citation out of EML and Dublin Core."""

from crawlers.eml.metadata import Creator, DatasetMetadata, Missing
from crawlers.eml.parse import parse_eml

__all__ = ["Creator", "DatasetMetadata", "Missing", "parse_eml"]
