"""Which formats there are: those built in, and those that installed packages bring along."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from manifests.export.errors import ExportRefused
from manifests.export.interface import Exporter

GROUP = "vasculum.exporters"
# Format and module. Each holds its exporter under the name EXPORTER, and is imported when it is asked for.
BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        "coco": "coco",
        "voc": "voc",
        "masks": "masks",
        "imagefolder": "imagefolder",
        "webdataset": "webdataset",
        "parquet": "parquet",
        "parquet-digests": "parquet_digests",
        "dwca": "dwca",
        "croissant": "croissant",
        "ro-crate": "rocrate",
        "bagit": "bagit",
        "frictionless": "frictionless",
        "cff": "cff",
        "datacite": "datacite",
        "bibtex": "bibtex",
        "ris": "ris",
        "csl": "csl",
    }
)


def format_names() -> tuple[str, ...]:
    """The formats that can be asked for, those of plug-ins last; nothing is imported."""
    return (*BUILT_IN, *sorted(_plugged()))


def exporter(name: str) -> Exporter:
    """The exporter of that name.

    Raises:
        ExportRefused: there is none, or a plug-in cannot be loaded.
    """
    if name in BUILT_IN:
        module = import_module(f"manifests.export.formats.{BUILT_IN[name]}")
        return _checked(name, module.EXPORTER)
    try:
        return _checked(name, _plugged()[name].load())
    except KeyError:
        known = ", ".join(format_names())
        raise ExportRefused(f"There is no export format {name!r}; there are {known}.") from None
    except ExportRefused:
        raise
    except Exception as error:  # a stranger's module may raise anything while it is imported
        raise ExportRefused(f"The exporter plug-in {name!r} cannot be loaded: {error}") from error


@lru_cache(maxsize=1)
def _plugged() -> Mapping[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _checked(name: str, found: object) -> Exporter:
    if not isinstance(found, Exporter):
        raise ExportRefused(
            f"{name} is no exporter: it lacks one of name, version, about, needs_pictures, files"
        )
    return found
