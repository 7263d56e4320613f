"""Which head of a followed log to believe: the newest that its key signed and that continues the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hashstore.errors import InvalidProof
from hashstore.merkle import verify_consistency
from node.errors import PeerError
from node.peers.keys import KeyWatch
from node.peers.remote import Remembered, RemoteLog
from provenance.errors import LogError, ProvenanceError
from provenance.log.checkpoint import TreeHead
from provenance.log.files import FileSource
from provenance.log.mirror import Mirror, Verdict, judge
from provenance.log.note import Note, parse_note
from provenance.log.tree import TileTree

_MOST_LINES = 24  # under a mirrored checkpoint; an ML-DSA-44 line takes 3 KB


@dataclass(frozen=True, slots=True)
class Offer:
    """A head that somebody shows.

    Attributes:
        remote: Who shows it.
        signed: The checkpoint as it came; the log's key signed it.
        head: What it says.
        tiles: The tiles that it shows, each as it was when it was first read.
    """

    remote: RemoteLog
    signed: bytes
    head: TreeHead
    tiles: FileSource


def offers(
    remotes: Sequence[RemoteLog], watch: KeyWatch, size: int, known: bytes | None, trouble: list[str]
) -> list[Offer]:
    """Ask everybody for the newest checkpoint; what does not hold is told in `trouble`.

    Args:
        remotes: Whom to ask.
        watch: Knows the log's keys.
        size: How many leaves are here.
        known: The checkpoint that is here.
        trouble: Gets what went wrong, in words.
    """
    found = []
    for remote in remotes:
        try:
            signed = remote.checkpoint(known)
            if signed is None:
                continue  # this peer does not keep a copy of the log
            head = watch.open(remote, signed, size).head
            found.append(Offer(remote, signed, head, Remembered(remote)))
        except PeerError as error:
            trouble.append(str(error))
        except ProvenanceError as error:
            trouble.append(f"{remote.url} shows no checkpoint that holds: {error}")
    return sorted(found, key=lambda offer: offer.head.size, reverse=True)


def grow(mirror: Mirror, found: list[Offer], trouble: list[str]) -> str | None:
    """Let a mirror grow to the newest head that is offered.

    Args:
        mirror: What is here.
        found: What is offered, the newest first.
        trouble: Gets what went wrong, in words.

    Returns:
        Why the log must be frozen, if its key signed two histories; None otherwise.
    """
    if contradiction := _contradiction(mirror, found):
        return contradiction
    before = mirror.head()
    for offer in found:
        known = mirror.head()
        verdict = judge(known, offer.head)
        if verdict is Verdict.GROWN:
            try:
                mirror.extend(offer.signed, offer.remote.leaves(known.size, offer.head.size))
            except (PeerError, ProvenanceError) as error:
                if _parted(TileTree(offer.tiles, offer.head.size), offer.head, known):
                    return _words(offer, known)
                trouble.append(f"{offer.remote.url} gave leaves that do not fit its checkpoint: {error}")
        elif verdict is Verdict.SAME:
            _cosigned(mirror, offer)
        elif verdict is Verdict.OLDER and found[0].head.size < known.size:
            trouble.append(
                f"{offer.remote.url} shows {offer.head.size} leaves of {mirror.key.name}, and {known.size} "
                "are known: it went back, or it is behind."
            )
    # Of two newer heads one is the older now.
    return None if mirror.head() == before else _contradiction(mirror, found)


def _cosigned(mirror: Mirror, offer: Offer) -> None:
    """Add lines that others have put under the head that stands here; those that stand here stay.

    Whose they are is for a reader's policy to say, so a peer that makes some up displaces nobody's.
    """
    here = mirror.signed_checkpoint()
    if here is None:
        return
    note, offered = parse_note(here), parse_note(offer.signed)
    lines = tuple(dict.fromkeys((*note.signatures, *offered.signatures)))[:_MOST_LINES]
    if len(lines) > len(note.signatures):
        mirror.renew(Note(note.text, lines).encode())


def _contradiction(mirror: Mirror, found: list[Offer]) -> str | None:
    """Two signed heads of one size, or an older one that is not a beginning of what is here."""
    known = mirror.head()
    by_size = {known.size: known.root} if known.size else {}
    for offer in found:
        if by_size.setdefault(offer.head.size, offer.head.root) != offer.head.root:
            return _words(offer, TreeHead(offer.head.size, by_size[offer.head.size]))
        if _parted(TileTree(mirror.source, known.size), known, offer.head):
            return _words(offer, known)
    return None


def _parted(tree: TileTree, head: TreeHead, older: TreeHead) -> bool:
    """Whether a tree is proved by its tiles to lead to a head, and to have begun otherwise than an older one.

    Tiles that do not lead to the head prove nothing against the log: they are damaged, or a peer's lie. That
    the root comes out right is not enough, for it may come from the tiles above those of the beginning.
    """
    if not 0 < older.size < head.size:
        return False
    try:
        begun = tree.prefix_root(older.size)
        verify_consistency(older.size, begun, head.size, head.root, tree.consistency(older.size))
    except (PeerError, LogError, InvalidProof):
        return False
    return begun != older.root


def _words(offer: Offer, known: TreeHead) -> str:
    return (
        f"its key signed two histories: {offer.remote.url} shows a head of {offer.head.size} leaves "
        f"that does not go together with the one of {known.size} leaves"
    )
