"""What a notice in a followed log does here: hide its own, ask an operator, and nothing to anybody else's."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.digest import Digest
from manifests.access import AccessClass
from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.index import Index, apply_log
from node.layout import Layout
from node.look.access import access_of
from node.look.things import BlobThing
from node.museum import Museum
from node.museum.addresses import image_path
from node.withdrawal.apply import apply_withdrawals
from node.withdrawal.publish import publish
from provenance.statement import issue, new_statement_id
from provenance.statement.kinds.withdrawal import Choice, Reason, Withdrawal, WithdrawalDecision

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Followed:
    """A node's index with the logs of two others in it; all three hold the same picture."""

    def __init__(self, here: Node, publisher: Node, stranger: Node, folder: Path) -> None:
        self.here, self.publisher, self.stranger = here, publisher, stranger
        self.index = Index(folder / "index.duckdb")
        self.refresh()

    def refresh(self) -> None:
        here = self.here
        apply_log(self.index, here.reader.leaves, here.reader.head().size, here.store.path)
        for other in (self.publisher, self.stranger):
            number = self.index.log_number(other.config.identity.origin)
            size = other.reader.head().size
            apply_log(self.index, other.reader.leaves, size, other.store.path, log=number)
        apply_withdrawals(self.index, open_node(here.layout).config)

    def hidden(self, node: Node, digest: Digest) -> bool:
        """Whether the capture of that node's log is hidden in our index."""
        own = node is self.here
        number = 0 if own else self.index.log_number(node.config.identity.origin)
        [row] = self.index.rows(
            "SELECT access FROM capture WHERE log = ? AND digest = ?", [number, digest.raw]
        )
        return bool(row["access"] == "withdrawn")


_NAMES = ("here", "publisher", "stranger")


@pytest.fixture(scope="module")
def three(drawings_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Digest]:
    """A folder of three nodes that hold the same picture, and its digest."""
    folder = tmp_path_factory.mktemp("three")
    with Museum(drawings_directory) as museum:
        for name in _NAMES:
            create_node(Layout(folder / name), name, f"{name}.test/log")
            source = folder / f"{name}.txt"
            source.write_text(museum.image_url("MDS00010401") + "\n")
            assert (
                run(["--node", str(folder / name), "--quiet", "track", str(source), "--allow-private"]) == 0
            )
        return folder, Digest.of(museum.resources[image_path("MDS00010401")].body)


@pytest.fixture
def picture(three: tuple[Path, Digest]) -> Digest:
    return three[1]


@pytest.fixture
def followed(three: tuple[Path, Digest], tmp_path: Path) -> Followed:
    for name in _NAMES:
        shutil.copytree(three[0] / name, tmp_path / name)
    here, publisher, stranger = (open_node(Layout(tmp_path / name)) for name in _NAMES)
    return Followed(here, publisher, stranger, tmp_path)


def _told_by(node: Node, digest: Digest) -> Withdrawal:
    made = Withdrawal(new_statement_id(), node.identity.public, NOW, (digest.uri,), Reason.RIGHTS)
    with node.writing():
        publish(node, issue(made.document(), node.identity, NOW))
    return made


def _decide(node: Node, notice: Withdrawal, choice: Choice) -> None:
    made = WithdrawalDecision(new_statement_id(), node.identity.public, NOW, notice.id, choice)
    with node.writing():
        publish(node, issue(made.document(), node.identity, NOW))


def test_a_publisher_hides_its_own_and_the_bytes_stay_while_others_show_them(
    followed: Followed, picture: Digest
) -> None:
    _told_by(followed.publisher, picture)
    followed.refresh()
    hidden = [
        followed.hidden(node, picture) for node in (followed.here, followed.publisher, followed.stranger)
    ]
    assert hidden == [False, True, False]
    assert access_of(followed.index, BlobThing(picture)) is AccessClass.PUBLIC


def test_an_authority_hides_what_everybody_published_and_deletes_nothing(
    followed: Followed, picture: Digest
) -> None:
    config = followed.here.layout.config
    did = followed.stranger.identity_public.did
    config.write_text(f'{config.read_text()}\n[withdrawal]\nauthorities = ["{did}"]\n')
    _told_by(followed.stranger, picture)
    followed.refresh()
    assert followed.hidden(followed.here, picture)
    assert followed.hidden(followed.publisher, picture)
    assert access_of(followed.index, BlobThing(picture)) is AccessClass.WITHDRAWN
    assert followed.here.store.contains(picture)


def test_an_operator_keeps_what_a_publisher_took_back_and_may_think_again(
    followed: Followed, picture: Digest
) -> None:
    notice = _told_by(followed.publisher, picture)
    followed.refresh()
    assert followed.hidden(followed.publisher, picture)
    _decide(followed.here, notice, Choice.KEEP)
    followed.refresh()
    assert not followed.hidden(followed.publisher, picture)
    _decide(followed.here, notice, Choice.HIDE)
    followed.refresh()
    assert followed.hidden(followed.publisher, picture)


def test_a_decision_in_another_log_decides_nothing_here(followed: Followed, picture: Digest) -> None:
    notice = _told_by(followed.publisher, picture)
    _decide(followed.stranger, notice, Choice.KEEP)
    followed.refresh()
    assert followed.hidden(followed.publisher, picture)


def test_a_strangers_notice_of_bytes_that_nobody_published_says_nothing(followed: Followed) -> None:
    unknown = Digest.of(b"a blob that no row names")
    _told_by(followed.stranger, unknown)
    followed.refresh()
    assert access_of(followed.index, BlobThing(unknown)) is AccessClass.PUBLIC


def test_a_segment_with_a_row_that_an_authority_took_back_is_no_longer_served(followed: Followed) -> None:
    config = followed.here.layout.config
    did = followed.stranger.identity_public.did
    config.write_text(f'{config.read_text()}\n[withdrawal]\nauthorities = ["{did}"]\n')
    [leaf] = followed.index.rows("SELECT segment FROM leaf WHERE log = 0 AND table_name = 'media'")
    segment = Digest(leaf["segment"])
    made = Withdrawal(
        new_statement_id(), followed.stranger.identity.public, NOW, (f"{segment.uri}#row=1",), Reason.LEGAL
    )
    with followed.stranger.writing():
        publish(followed.stranger, issue(made.document(), followed.stranger.identity, NOW))
    followed.refresh()
    [after] = followed.index.rows("SELECT access FROM leaf WHERE log = 0 AND table_name = 'media'")
    assert after == {"access": "withdrawn"}


def test_the_rows_of_a_replacement_stand_where_those_stood_that_they_repeat(
    followed: Followed, vasculum: Vasculum, tmp_path: Path
) -> None:
    """A follower that comes late never gets the old segment, and has the same rows all the same."""
    publisher = followed.publisher
    source = tmp_path / "publisher.csv"
    source.write_text("occurrenceID,scientificName\n" + "".join(f"o{n},Vicia {n}\n" for n in range(5)))
    assert vasculum("--node", publisher.layout.root, "track", source).code == 0
    with publisher.index() as index:
        query = (
            "SELECT leaf.segment, t.row FROM specimen t JOIN leaf USING (log, log_index) WHERE t.id = 'o2'"
        )
        [row] = index.rows(query)
    old = Digest(row["segment"])
    uri = f"{old.uri}#row={row['row']}"
    followed.refresh()
    said = vasculum("--node", publisher.layout.root, "withdraw", uri, "--reason", "error", "--delete")
    assert said.code == 0, said.err
    assert not publisher.store.contains(old)
    followed.refresh()
    late = Followed(followed.here, publisher, followed.stranger, _folder(tmp_path / "late"))
    query = (
        "SELECT id, log_index, row FROM specimen WHERE log = 1 AND access = 'public' AND current ORDER BY row"
    )
    assert late.index.rows(query) == followed.index.rows(query)
    assert [row["id"] for row in late.index.rows(query)] == ["o0", "o1", "o3", "o4"]
    assert [row["row"] for row in late.index.rows(query)] == [1, 2, 4, 5]


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
