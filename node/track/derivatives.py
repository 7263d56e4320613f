"""Public derivatives of withheld images: made at the end of a crawl, in a box, linked by a commitment."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from crawlers.box import BoxError, BoxLimits, run_boxed
from hashstore.blobstore import Added, add_files
from hashstore.digest import Digest
from manifests.commitment import Opening, commit, salt_of
from manifests.tables import CAPTURE, MEDIA
from node.disclosure.generalise import Secret
from node.disclosure.images.job import Verdict
from node.index import Index
from node.track.generalise import address_of
from node.track.sensitive import exact_rows
from node.track.session import Session
from node.track.staged import StagedSource
from node.track.withhold import Hidden

_BATCH = 64
_LIMITS = BoxLimits(cpu=600, wall=900.0)
Row = Mapping[str, Any]


@dataclass(slots=True)
class Derivatives:
    """What may be shown in the place of withheld images.

    Attributes:
        by_original: The derivative of each original, by its digest.
        by_url: The derivative by the address of a sensitive specimen's image.
        named: Addresses that may stand in public, since a public record names them.
    """

    by_original: dict[Digest, Digest] = field(default_factory=dict)
    by_url: dict[str, Digest] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)


def make_derivatives(
    session: Session, index: Index, sources: Iterable[tuple[StagedSource, Hidden]]
) -> Derivatives:
    """Clean the images of sensitive specimens, and by the settings every other that says where it was taken.

    An original that is cleaned is withheld from here on; one that cannot be read with certainty, too.
    """
    made = Derivatives()
    shown, never = set[str](), set[str]()
    for staged, hidden in sources:
        _sort_addresses(index, staged, hidden, shown, never)
        made.by_url.update(_made_before(index, staged.source, shown))
    everything = session.node.config.sensitive.images == "all"
    if shown or everything:
        _clean_captured(session, index, made, shown - never, never, everything)
    return made


def _sort_addresses(
    index: Index, staged: StagedSource, hidden: Hidden, shown: set[str], never: set[str]
) -> None:
    """Addresses of images of specimens that are told less exactly, and of those that are not told at all."""
    if not hidden:
        return
    columns = ["id", "sourceRow", "accessURI", "identifier"]
    for batch in exact_rows(index, staged, "media", columns):
        for row in batch.filter(hidden.mask(MEDIA, batch)).to_pylist():
            told = row["sourceRow"] in hidden.told_rows if row["id"] is None else row["id"] in hidden.told
            if url := address_of(row):
                (shown if told else never).add(url)


def _made_before(index: Index, source: str, shown: set[str]) -> Iterator[tuple[str, Digest]]:
    query = (
        "SELECT url, arg_max(derivative, (log_index, row)) AS derivative FROM own_capture "
        "WHERE source = ? AND derivative IS NOT NULL GROUP BY url"
    )
    rows = index.rows(query, [source]) if shown else []
    return ((row["url"], Digest(row["derivative"])) for row in rows if row["url"] in shown)


def _clean_captured(
    session: Session, index: Index, made: Derivatives, shown: set[str], never: set[str], everything: bool
) -> None:
    captured = list(_images(session, everything))
    lost = {row["digest"] for row in captured if row["url"] in never}
    lost |= _withheld_without_derivative(index, {row["digest"] for row in captured})
    captured = [row for row in captured if row["digest"] not in lost]
    always = {row["digest"] for row in captured if row["url"] in shown}
    wanted = sorted({row["digest"] for row in captured} if everything else always)
    withheld: set[bytes] = set(always)
    with session.listener.phase("Cleaning images", len(wanted)) as bar:
        digests = iter(wanted)
        while batch := list(islice(digests, _BATCH)):
            withheld |= _clean_batch(session, batch, always, made)
            bar.advance(len(batch))
    session.journal.withhold_all(session.crawl, {r["url"] for r in captured if r["digest"] in withheld})
    for row in captured:
        derivative = made.by_original.get(Digest(row["digest"]))
        if row["url"] not in shown:
            made.named.add(row["url"])
        elif derivative is not None:
            made.by_url[row["url"]] = derivative


def _images(session: Session, everything: bool) -> Iterator[Row]:
    for role in ("image", "file") if everything else ("image",):
        for row in session.journal.captures(session.crawl, role=role):
            if row["digest"] is not None:
                yield {"url": row["url"], "digest": row["digest"]}


def _withheld_without_derivative(index: Index, digests: set[bytes]) -> set[bytes]:
    """Bytes that are withheld for another reason: a cleaned copy would show the same picture."""
    query = (
        "SELECT digest FROM own_capture WHERE access <> 'public' AND digest IN (SELECT unnest(?)) "
        "GROUP BY digest HAVING count(derivative) = 0"
    )
    return {row["digest"] for row in index.rows(query, [sorted(digests)])} if digests else set()


def _clean_batch(session: Session, batch: list[bytes], always: set[bytes], made: Derivatives) -> set[bytes]:
    """Clean some originals; returns those that are to be withheld."""
    folder = session.staging / "derivatives"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    store = session.node.store
    orders = [
        {"path": str(store.path(Digest(raw))), "out": str(folder / raw.hex()), "always": raw in always}
        for raw in batch
    ]
    cleaned = []
    withheld = set[bytes]()
    for raw, verdict in zip(batch, _verdicts(orders), strict=True):
        if verdict not in (Verdict.SILENT, Verdict.NO_IMAGE):
            withheld.add(raw)
        if verdict == Verdict.CLEANED:
            cleaned.append(folder / raw.hex())
    add_files(store, cleaned, on_added=partial(_note, made))
    return withheld


def _note(made: Derivatives, added: Added) -> None:
    original = Digest.parse(added.path.name)
    # One that is its own derivative would be public and withheld at once.
    if original != added.digest:
        made.by_original[original] = added.digest


def _verdicts(orders: list[dict[str, Any]]) -> list[str]:
    """What the box says of each; if one image brings it down, the others are tried alone."""
    try:
        found = run_boxed("node.disclosure.images.job:clean_images", {"orders": orders}, _LIMITS)
    except BoxError:
        if len(orders) == 1:
            return [Verdict.NOT_UNDERSTOOD]
        return [verdict for order in orders for verdict in _verdicts([order])]
    assert isinstance(found, list)
    return [str(one["verdict"]) for one in found]


def public_twin(session: Session, capture: Row, derivative: Digest, named: bool) -> dict[str, Any]:
    """The public capture row of a derivative; of its original it tells a commitment alone.

    Args:
        session: The crawl.
        capture: The withheld row of the original.
        derivative: What is shown instead.
        named: Whether the original's address may stand in it.
    """
    original = Digest(capture["digest"])
    kept = ("source", "crawl", "requestedAt", "outcome", "role", "tdmReservation", "tdmPolicy", "robotsTag")
    opening = derivation_opening(original, derivative, session.node.commitment_secret)
    return {
        **dict.fromkeys(CAPTURE.names),
        **{name: capture.get(name) for name in kept},
        "url": capture["url"] if named else derivative.uri,
        "attempt": 1,
        "digest": derivative.raw,
        "size": session.node.store.size(derivative),
        "mediaType": capture.get("mediaType"),
        "wasDerivedFrom": commit(opening.value, opening.salt).raw,
    }


def derivation_opening(original: Digest, derivative: Digest, secret: Secret) -> Opening:
    """What a chosen reader is given to check of which original a derivative was made."""
    return Opening(original.uri, salt_of(secret.raw, ["derivative", original.uri, derivative.uri]))
