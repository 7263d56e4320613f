from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from node.errors import NodeNotFound
from node.layout import find_node, new_node_place, user_node

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


def _node(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "node.toml").touch()
    return folder


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without nodes, in an empty folder."""
    monkeypatch.delenv("VASCULUM_NODE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / "config"))
    (tmp_path / "work" / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work" / "deep" / "down")


def test_the_node_is_looked_for_in_the_order_of_the_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NodeNotFound):
        find_node(None)
    in_data_folder = _node(user_node())
    assert find_node(None).root == in_data_folder
    upward = _node(tmp_path / "work" / ".vasculum")
    assert find_node(None).root == upward
    nearer = _node(tmp_path / "work" / "deep" / ".vasculum")
    assert find_node(None).root == nearer
    named = _node(tmp_path / "named")
    monkeypatch.setenv("VASCULUM_NODE", str(named))
    assert find_node(None).root == named
    chosen = _node(tmp_path / "chosen")
    assert find_node(chosen).root == chosen


def test_a_folder_without_settings_is_no_node_and_is_passed_over_upward(tmp_path: Path) -> None:
    (tmp_path / "work" / "deep" / ".vasculum").mkdir()
    upward = _node(tmp_path / "work" / ".vasculum")
    assert find_node(None).root == upward


@pytest.mark.parametrize("by", ["option", "variable"])
def test_a_node_that_was_named_and_is_not_there_is_an_error_even_if_another_is_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    _node(tmp_path / "work" / ".vasculum")
    absent = tmp_path / "absent"
    if by == "variable":
        monkeypatch.setenv("VASCULUM_NODE", str(absent))
    with pytest.raises(NodeNotFound, match="absent"):
        find_node(absent if by == "option" else None)


def test_an_empty_variable_counts_as_unset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VASCULUM_NODE", "")
    near = _node(tmp_path / "work" / "deep" / "down" / ".vasculum")
    assert find_node(None).root == near


def test_a_new_node_is_made_where_it_is_named_or_else_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert new_node_place(None).root == Path.cwd() / ".vasculum"
    monkeypatch.setenv("VASCULUM_NODE", "relative")
    assert new_node_place(None).root == Path.cwd() / "relative"
    assert new_node_place(Path("other")).root == Path.cwd() / "other"


def test_without_a_node_a_command_ends_with_1_and_says_how_to_make_one(vasculum: Vasculum) -> None:
    said = vasculum("status")
    assert (said.code, said.out) == (1, "")
    assert "init" in said.err


def test_a_node_made_here_is_found_from_below(tmp_path: Path, vasculum: Vasculum) -> None:
    assert vasculum("init", "--name", "Here").code == 0
    here = Path.cwd()
    (here / "below").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here / "below")
        assert vasculum("status", "--json").summary["node"] == str(here / ".vasculum")
