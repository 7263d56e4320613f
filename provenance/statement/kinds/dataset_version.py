"""A version of a dataset: the slice that it was made of, the recipe, and the manifest that came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hashstore.digest import Digest
from manifests.citing import Creator
from manifests.dataset.description import DatasetKind
from manifests.dataset.recipe import Recipe
from manifests.errors import ManifestError
from provenance.contexts import CONTEXT
from provenance.errors import MalformedStatement
from provenance.keys import PublicKey, parse_public_key
from provenance.statement.kinds.dataset_recipe import read_recipe, recipe_node
from provenance.statement.reading import count_of, digest_of, nodes_of, reading, text_of, time_of
from provenance.statement.statement import Statement, time_text
from provenance.statement.text import plain_text


@dataclass(frozen=True, slots=True)
class Changes:
    """What a version has other than the one before, in members.

    Attributes:
        added: New ones.
        removed: Those that are no members any more, withdrawn ones not counted.
        changed: Those of which another line is in the manifest.
        withdrawn: Those that are no members any more since they were withdrawn.
    """

    added: int = 0
    removed: int = 0
    changed: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    """A version of a dataset.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: who made it.
        made: with a time zone.
        title: what it is called.
        creators: who put it together, first one first.
        license: SPDX identifier of the licence of the whole.
        publisher: the institution's name.
        number: of the version, from 1.
        dataset: IRI of the dataset's first version; None in that version itself.
        previous: the statement of the version before; None in the first.
        slice: the statement of the slice that it was made of.
        recipe: what was made of the slice.
        manifest: the blob of its manifest.
        manifest_root: RFC 9162 root over the manifest's lines.
        count: how many members.
        datasheet: the blob of its datasheet.
        description: what it is, in words.
        keywords: words to find it by.
        kind: what it is for.
        metric: how methods are compared on it.
        unknown_licenses: whether members of unknown licence were knowingly taken.
        changes: what it has other than the version before; None in the first.
    """

    id: str
    agent: PublicKey
    made: datetime
    title: str
    creators: tuple[Creator, ...]
    license: str
    publisher: str
    number: int
    dataset: str | None
    previous: Digest | None
    slice: Digest
    recipe: Recipe
    manifest: Digest
    manifest_root: Digest
    count: int
    datasheet: Digest
    description: str = ""
    keywords: tuple[str, ...] = ()
    kind: DatasetKind = DatasetKind.CORPUS
    metric: str | None = None
    unknown_licenses: bool = False
    changes: Changes | None = None

    @property
    def family(self) -> str:
        """What all versions of one dataset share: the IRI of the first."""
        return self.dataset or self.id

    @property
    def telling(self) -> tuple[Digest, ...]:
        """The blobs that repeat what rows and labels say of members."""
        labels = self.recipe.labels
        return (self.manifest, self.datasheet, *([labels] if labels else []))

    @property
    def blobs(self) -> tuple[Digest, ...]:
        """What it names beside its slice: the manifest first."""
        return (*self.telling, *([self.recipe.left_out] if self.recipe.left_out else []))

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        parts: dict[str, Any] = {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": ["Entity", "DatasetVersion", "Dataset"],
            "generatedAtTime": time_text(self.made),
            "wasAttributedTo": self.agent.did,
            "title": plain_text(self.title),
            "creator": [_creator(self.id, place, who) for place, who in enumerate(self.creators, 1)],
            "license": self.license,
            "publisher": plain_text(self.publisher),
            "version": str(self.number),
            "datasetKind": self.kind.value,
            "slice": self.slice.uri,
            "recipe": recipe_node(self.id, self.recipe),
            "manifest": self.manifest.uri,
            "manifestRoot": self.manifest_root.uri,
            "memberCount": str(self.count),
            "datasheet": self.datasheet.uri,
            "unknownLicensesAllowed": self.unknown_licenses,
        }
        return {**parts, **self._optional()}

    def _optional(self) -> dict[str, Any]:
        """What is left out where there is none."""
        keywords = sorted({word for one in self.keywords if (word := plain_text(one))})
        found: dict[str, Any] = {
            "isVersionOf": self.dataset,
            "wasRevisionOf": self.previous.uri if self.previous else None,
            "description": plain_text(self.description),
            "keyword": keywords,
            "metric": plain_text(self.metric or ""),
            "changes": _changes(self.id, self.changes) if self.changes else None,
        }
        return {name: value for name, value in found.items() if value}


def read_dataset_version(statement: Statement) -> DatasetVersion:
    """Reads a version of a dataset; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "DatasetVersion"):
        try:
            return _version(statement, document)
        except ManifestError as error:
            raise MalformedStatement(f"The dataset {statement.iri}: {error}") from error


def _version(statement: Statement, document: Mapping[str, Any]) -> DatasetVersion:
    return DatasetVersion(
        id=statement.iri,
        agent=parse_public_key(text_of(document, "wasAttributedTo")),
        made=time_of(document, "generatedAtTime"),
        title=_title(document),
        creators=_creators(nodes_of(document, "creator")),
        license=text_of(document, "license"),
        publisher=text_of(document, "publisher"),
        number=count_of(document, "version"),
        dataset=text_of(document, "isVersionOf") if "isVersionOf" in document else None,
        previous=digest_of(document, "wasRevisionOf") if "wasRevisionOf" in document else None,
        slice=digest_of(document, "slice"),
        recipe=read_recipe(nodes_of(document, "recipe")[0]),
        manifest=digest_of(document, "manifest"),
        manifest_root=digest_of(document, "manifestRoot"),
        count=count_of(document, "memberCount"),
        datasheet=digest_of(document, "datasheet"),
        description=text_of(document, "description") if "description" in document else "",
        keywords=_texts(document.get("keyword", [])),
        kind=DatasetKind(text_of(document, "datasetKind")),
        metric=text_of(document, "metric") if "metric" in document else None,
        unknown_licenses=document["unknownLicensesAllowed"] is True,
        changes=_read_changes(nodes_of(document, "changes")[0]) if "changes" in document else None,
    )


def _title(document: Mapping[str, Any]) -> str:
    title = text_of(document, "title")
    if not title.strip():
        raise ValueError("title, which must not be blank")
    return title


def _creator(iri: str, place: int, who: Creator) -> dict[str, Any]:
    node = {"id": f"{iri}#creator-{place}", "type": "Agent", "name": who.name, "position": str(place)}
    return {**node, "givenName": who.given} if who.given else node


def _creators(nodes: tuple[dict[str, Any], ...]) -> tuple[Creator, ...]:
    if not nodes:
        raise ValueError("creator, of which there must be one")
    ordered = sorted(nodes, key=lambda node: count_of(node, "position"))
    return tuple(
        Creator(text_of(node, "name"), text_of(node, "givenName") if "givenName" in node else None)
        for node in ordered
    )


def _changes(iri: str, changes: Changes) -> dict[str, Any]:
    return {
        "id": f"{iri}#changes",
        "type": "Changes",
        "added": str(changes.added),
        "removed": str(changes.removed),
        "changed": str(changes.changed),
        "withdrawn": str(changes.withdrawn),
    }


def _read_changes(node: Mapping[str, Any]) -> Changes:
    return Changes(*(count_of(node, name) for name in ("added", "removed", "changed", "withdrawn")))


def _texts(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in listed):
        raise ValueError("keyword, which must be texts")
    return tuple(listed)
