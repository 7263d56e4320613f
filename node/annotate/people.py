"""What people drew and wrote elsewhere: kept until a reviewer has looked at it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from analyzers.annotation import motivation_of
from analyzers.exchange.model import MEMBERS, Item, Refused
from hashstore.digest import Digest
from manifests.annotations import MOTIVATIONS, is_agent
from node.accounts.roles import Role
from node.annotate.judging import Judge, Taken
from node.annotate.machines import Imported, images_named
from node.annotate.naming import Names
from node.compose import Node
from node.index import Index
from node.review.errors import ReviewRefused
from node.review.rules import Agent
from node.review.saying import Saying, kept_annotation
from node.review.sizes import Size, sizes_of
from node.review.store import KeptAnnotation, ReviewStore

_SAID: Final = (
    "SELECT * FROM annotation WHERE access = 'public' AND digest IN (SELECT unnest(?::BLOB[])) "
    "ORDER BY log, log_index, row"
)


def import_annotations(
    node: Node,
    items: Iterable[Item | Refused],
    agent: str | None = None,
    names: Names | None = None,
    labels: Collection[str] = (),
) -> Imported:
    """Keep what can be kept of a file of annotations; they wait for review like those of any contributor.

    Args:
        node: The node.
        items: What stands in the file.
        agent: Who said it, where the file does not tell.
        names: Names of images, beside digests.
        labels: The labels that there may be; none for any.
    """
    found, store, now = names or Names(), ReviewStore(node.layout.reviews), datetime.now(UTC)
    listed = [_attributed(one, agent) for one in items]
    with node.index() as index:
        images = images_named(index, listed, found)
        sizes = sizes_of(node, index, images)
        judge = Judge(found.find, sizes, labels)
        for image, who, finding in _said_before(index, store, images):
            judge.said[image].append((who, finding))
    done, kept = Imported(), list[KeptAnnotation]()
    for one in judge.judge(listed):
        made = _kept(one, sizes, now) if isinstance(one, Taken) else one
        if isinstance(made, Refused):
            done.refused.append(made)
        else:
            kept.append(made)
    store.say_all(kept)
    done.taken, done.images = len(kept), len({one.image for one in kept})
    return done


def _attributed(item: Item | Refused, agent: str | None) -> Item | Refused:
    if isinstance(item, Refused):
        return item
    who = item.agent or agent
    if who is None or not is_agent(who):
        words = f"{who!r} names nobody as it may be published: an ORCID, a did:key: or a urn:uuid:"
        return Refused(item.place, "agent-unknown", words if who else "nobody is named who said it")
    return replace(item, agent=who)


def _said_before(
    index: Index, store: ReviewStore, images: Iterable[Digest]
) -> Iterable[tuple[Digest, str, Mapping[str, str]]]:
    wanted = set(images)
    rows: list[Mapping[str, Any]] = [
        *index.rows(_SAID, [[one.raw for one in sorted(wanted)]]),
        *(one.row for one in store.annotations() if one.image in wanted),
    ]
    for row in rows:
        told = {name: row[name] for name in MEMBERS if row.get(name) is not None}
        yield Digest(row["digest"]), row["agent"], told


def _kept(taken: Taken, sizes: Mapping[Digest, Size], now: datetime) -> KeptAnnotation | Refused:
    item, told = taken.item, dict(taken.item.finding)
    motivation = item.motivation if item.motivation in MOTIVATIONS else motivation_of(told)
    try:
        if "vector" in told:
            raise ReviewRefused("people say no vectors")
        created = datetime.fromisoformat(item.created) if item.created else now
        saying = Saying(image=taken.image, motivation=str(motivation), **told)
        agent = Agent(str(item.agent), Role.CONTRIBUTOR)
        return kept_annotation(saying, agent, created, sizes[taken.image])
    except (ReviewRefused, ValueError) as error:
        return Refused(item.place, "malformed", str(error))
