"""What a person is told who mistypes, or has nothing yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from node.compose import Node

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


@pytest.mark.parametrize(("typed", "meant"), [("trak", "track"), ("verifi", "verify"), ("staus", "status")])
def test_a_mistyped_command_is_answered_with_the_one_that_may_be_meant(
    vasculum: Vasculum, typed: str, meant: str
) -> None:
    said = vasculum(typed)
    assert said.code == 2
    assert f"Did you mean '{meant}'?" in said.err


@pytest.mark.parametrize("group", ["dataset", "jobs", "key", "log", "slice", "watch", "withdrawals"])
def test_what_a_command_does_is_told_in_a_whole_sentence(vasculum: Vasculum, group: str) -> None:
    said = vasculum(group, "--help")
    assert said.code == 0
    assert "..." not in said.out.partition("Commands:")[2].replace("(urn:uuid:...)", "")


@pytest.mark.parametrize(
    "typed",
    [
        ("search", "colour:red"),
        ("stats", "year:x"),
        ("slice", "create", "Red", "--filter", "colour:red"),
        ("dataset", "create", "--title", "Red", "--license", "CC0-1.0", "--filter", "colour:red"),
        ("dataset", "create", "--title", "Red", "--license", "CC0-1.0", "--split", "80/20"),
        ("watch", "add", "Red", "colour:red"),
        ("watch", "add", "Red", "@/nowhere"),
    ],
)
def test_a_filter_or_recipe_that_cannot_be_read_is_a_mistake_of_use(
    vasculum: Vasculum, fresh: Node, typed: tuple[str, ...]
) -> None:
    assert vasculum("--node", fresh.layout.root, *typed).code == 2


def test_who_searches_a_node_without_records_is_told_what_comes_first(
    vasculum: Vasculum, fresh: Node
) -> None:
    said = vasculum("--node", fresh.layout.root, "search")
    assert (said.code, said.out, "vasculum track" in said.err) == (0, "", True)


def test_the_fields_of_filters_are_listed(vasculum: Vasculum) -> None:
    said = vasculum("search", "--help")
    assert {"taxon,", "recordedBy,", "decade,"} <= set(said.out.split())


def test_a_word_near_to_no_command_is_answered_without_a_guess(vasculum: Vasculum) -> None:
    said = vasculum("zzzz")
    assert said.code == 2
    assert "Did you mean" not in said.err


def test_doctor_examines_the_machine_where_there_is_no_node(
    vasculum: Vasculum, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VASCULUM_NODE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    said = vasculum("doctor", "--json")
    assert said.code == 1
    found = {item["what"]: item["ok"] for item in said.of("check")}
    assert "sandbox" in found, "whether there is one is for the machine to say"
    assert found | {"sandbox": True} == {"Python": True, "libraries": True, "sandbox": True, "node": False}


def test_a_list_names_its_columns_to_people_and_keeps_every_cell_in_its_place(
    vasculum: Vasculum, tracked: Node
) -> None:
    said = vasculum("--node", tracked.layout.root, "ls", "failures")
    columns = said.err.splitlines()[0].split("  ")
    assert columns[:3] == ["outcome", "reason", "url"]
    assert all(len(line.split("  ")) == len(columns) for line in said.out.splitlines())


def test_images_that_did_not_change_are_listed_with_size_and_type(vasculum: Vasculum, tracked: Node) -> None:
    said = vasculum("--node", tracked.layout.root, "ls", "images", "--json")
    assert said.of("images")
    assert all(item["size"] > 0 and item["mediaType"] for item in said.of("images"))


def test_an_empty_list_is_said_to_be_empty(vasculum: Vasculum, fresh: Node) -> None:
    said = vasculum("--node", fresh.layout.root, "ls")
    assert (said.code, said.out, said.err) == (0, "", "No images.\n")
