"""What stands in a log already of the results that a step would come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzers.identity import output_key
from analyzers.output import Input
from hashstore.digest import Digest
from node.analysis.plan import Plan
from node.index import Index

# One's own log comes first: what stands in several is taken as it stands there.
_KNOWN = """
SELECT a.key, a.log, l.statement FROM analysis a JOIN leaf l USING (log, log_index)
WHERE a.access = 'public' AND a.key IN (SELECT unnest(?))
QUALIFY row_number() OVER (PARTITION BY a.key ORDER BY a.log, a.log_index, a.row) = 1
"""
_SAID = """
SELECT DISTINCT f.key, l.statement, f.place, f.kind, f.term, f.confidence, f.region, f.derivative
FROM finding f JOIN leaf l USING (log, log_index)
WHERE f.access = 'public' AND f.key IN (SELECT unnest(?)) ORDER BY f.key, f.place
"""
_TOLD = ("kind", "term", "confidence", "region")


@dataclass(frozen=True, slots=True)
class Known:
    """A result that stands in a log.

    Attributes:
        key: Its key.
        run: The statement of the run that came to it.
    """

    key: bytes
    run: bytes


def known_among(index: Index, plan: Plan, inputs: Sequence[Input]) -> dict[Input, Known]:
    """Those of some inputs whose results by an analyzer stand in a log that is here."""
    identity, parameters = plan.identity.digest, plan.parameters_digest
    keys = {output_key(identity, parameters, one.digest, one.region).raw: one for one in inputs}
    rows = index.rows(_KNOWN, [list(keys)]) if keys else ()
    return {keys[row["key"]]: Known(row["key"], row["statement"]) for row in rows}


def findings_in_logs(
    index: Index, known: Mapping[Input, Known]
) -> Mapping[Input, Sequence[Mapping[str, Any]]]:
    """What was found under some keys, in order; only what a step selects by."""
    wanted = {(one.key, one.run): input for input, one in known.items()}
    found: defaultdict[Input, list[Mapping[str, Any]]] = defaultdict(list)
    for row in index.rows(_SAID, [[key for key, _ in wanted]]) if wanted else ():
        input = wanted.get((row["key"], row["statement"]))
        if input is not None:
            found[input].append(_told(row))
    return found


def _told(row: Mapping[str, Any]) -> Mapping[str, Any]:
    told = {name: row[name] for name in _TOLD if row[name] is not None}
    return {**told, "derivative": Digest(row["derivative"]).uri} if row["derivative"] else told
