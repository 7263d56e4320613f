"""The countries' shapes (Natural Earth, 1:10m): taken at build from npm's `world-atlas`, as web/ fixes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from manifests.errors import ManifestError
from manifests.quality.topology import polygons

_FILE: Final = Path(__file__).with_name("countries-10m.json")
# Shapes that have no number in ISO 3166-1 of their own, and whose they are there.
_BY_NAME: Final = {
    "Akrotiri": "CY",
    "Baikonur": "KZ",
    "Clipperton I.": "FR",
    "Coral Sea Is.": "AU",
    "Cyprus U.N. Buffer Zone": "CY",
    "Dhekelia": "CY",
    "Indian Ocean Ter.": "AU",
    "Kosovo": "XK",
    "N. Cyprus": "CY",
    "Somaliland": "SO",
    "USNB Guantanamo Bay": "CU",
}
NO_COUNTRY: Final = ""
Degrees = npt.NDArray[np.float64]


class Land:
    """Which country is where.

    Args:
        document: The topology of the countries.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        import shapely

        found = list(polygons(document, "countries"))
        self._parts = np.array([polygon for _, polygon in found], np.object_)
        self._codes = np.array([_code(geometry) for geometry, _ in found], np.object_)
        shapely.prepare(self._parts)
        self._tree = shapely.STRtree(self._parts)

    def at(self, longitudes: Degrees, latitudes: Degrees) -> list[str | None]:
        """The ISO 3166-1 alpha-2 code of the country at each point.

        Returns:
            For each point the code, `NO_COUNTRY` on land that no country of the standard has, and None where
            there is no land.
        """
        import shapely

        points = shapely.points(longitudes, latitudes)
        places, parts = self._tree.query(points)
        inside = shapely.intersects(self._parts[parts], points[places])
        codes = np.full(len(points), None, np.object_)
        codes[places[inside]] = self._codes[parts[inside]]
        return list(codes)

    def near(self, longitudes: Degrees, latitudes: Degrees, distance: float) -> list[frozenset[str]]:
        """The codes of all countries within a distance of each point.

        Args:
            longitudes: In degrees.
            latitudes: In degrees.
            distance: In degrees, of either; nothing is projected.
        """
        import shapely

        points = shapely.points(longitudes, latitudes)
        around = shapely.box(
            longitudes - distance, latitudes - distance, longitudes + distance, latitudes + distance
        )
        places, parts = self._tree.query(around)
        close = shapely.dwithin(self._parts[parts], points[places], distance)
        found: list[set[str]] = [set() for _ in points]
        for place, code in zip(places[close].tolist(), self._codes[parts[close]], strict=True):
            found[place].add(code)
        return [frozenset(codes) for codes in found]


@lru_cache(maxsize=1)
def land() -> Land:
    """The shapes that are shipped; reading them takes half a second, once a process.

    Raises:
        ManifestError: They are not there: the program was not built, or not wholly.
    """
    try:
        return Land(json.loads(_FILE.read_bytes()))
    except FileNotFoundError:
        raise ManifestError(
            f"The shapes of the countries are missing ({_FILE}). The build takes them from npm: "
            "install vasculum again with `pip install .` or `make`."
        ) from None


def _code(geometry: Mapping[str, Any]) -> str:
    import pycountry

    number = geometry.get("id")
    country = pycountry.countries.get(numeric=number) if number else None
    return _BY_NAME.get(geometry["properties"]["name"], NO_COUNTRY) if country is None else country.alpha_2
