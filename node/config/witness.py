"""The section [witness] of node.toml: who is asked to cosign, and how many are enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from node.config.model import AskedWitness, WitnessConfig
from provenance.cosignature import CosignerKey
from provenance.errors import MalformedKey

_DEFAULTS = WitnessConfig()


def read_witness(table: Mapping[str, Any], faults: list[str]) -> WitnessConfig:
    """The values of the section; what is wrong with them is added to `faults`."""
    known = {"threshold", "timeout", "ask"}
    faults.extend(
        f"witness.{key}: no such setting; known are {', '.join(sorted(known))}"
        for key in table
        if key not in known
    )
    blocks = table.get("ask", [])
    if not isinstance(blocks, list):
        faults.append("witness.ask: must be a list of tables, [[witness.ask]]")
        blocks = []
    asked = tuple(_asked(block, number, faults) for number, block in enumerate(blocks, 1))
    found = tuple(each for each in asked if each is not None)
    threshold, timeout = (
        table.get("threshold", _DEFAULTS.threshold),
        table.get("timeout", _DEFAULTS.timeout),
    )
    if (
        type(threshold) is not int
        or threshold < 1
        or (found and threshold > len({e.key.name for e in found}))
    ):
        faults.append("witness.threshold: must be a whole number from 1 to the number of witnesses")
        threshold = _DEFAULTS.threshold
    if type(timeout) not in (int, float) or not 0 < timeout < 3600:
        faults.append("witness.timeout: must be more than 0 seconds and less than an hour")
        timeout = _DEFAULTS.timeout
    return WitnessConfig(threshold, found, float(timeout))


def _asked(block: Any, number: int, faults: list[str]) -> AskedWitness | None:
    where = f"witness.ask number {number}"
    if not isinstance(block, Mapping) or set(block) != {"url", "key"}:
        faults.append(f"{where}: needs exactly `url` and `key`")
        return None
    url = block["url"]
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        faults.append(f"{where}: `url` must begin with https:// or http://")
        return None
    try:
        return AskedWitness(url, CosignerKey.parse(str(block["key"])))
    except MalformedKey as error:
        faults.append(f"{where}: {error}")
        return None
