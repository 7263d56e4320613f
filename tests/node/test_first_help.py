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
    assert {item["what"]: item["ok"] for item in said.of("check")} == {
        "Python": True,
        "libraries": True,
        "node": False,
    }


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
