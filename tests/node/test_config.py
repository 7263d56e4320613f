from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.compose import Node
from node.config import Config, CrawlConfig, IdentityConfig, PolicyConfig, WithholdRule, new_config_text
from node.config.reader import parse_config, read_config
from node.errors import ConfigError

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

_NODE = '[node]\nname = "A"\norigin = "a.test/log"\n'
_TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=60)
_ORIGINS = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cf", "Co", "Cn"), exclude_characters="+"
    ),
    min_size=1,
    max_size=80,
)


def test_what_is_not_said_has_the_documented_default() -> None:
    assert parse_config(_NODE) == Config(
        IdentityConfig("A", "a.test/log"),
        CrawlConfig(
            max_per_host=4,
            connect_timeout=20.0,
            read_timeout=60.0,
            attempts=3,
            max_image_bytes=2 * 1024**3,
            max_archive_bytes=20 * 1024**3,
            allow_private=False,
            robots=True,
            honour_tdm=True,
            contact="",
        ),
        PolicyConfig(()),
    )


@given(name=_TEXTS, origin=_ORIGINS)
def test_the_text_that_init_writes_reads_back_as_what_was_asked_for(name: str, origin: str) -> None:
    assert parse_config(new_config_text(name, origin)) == Config(IdentityConfig(name, origin))


def test_the_text_that_init_writes_shows_every_setting_of_a_crawl() -> None:
    text = new_config_text("A", "a.test/log")
    for setting in dataclasses.fields(CrawlConfig):
        assert f"\n{setting.name} = " in text


def test_every_setting_is_taken_as_it_is_written() -> None:
    settings = {
        "max_per_host": 2,
        "connect_timeout": 1,
        "read_timeout": 2.5,
        "attempts": 1,
        "max_image_bytes": 10,
        "max_archive_bytes": 20,
        "allow_private": True,
        "robots": False,
        "honour_tdm": False,
        "contact": "curator@museum.test",
    }
    lines = "".join(
        f"{name} = {str(value).lower() if isinstance(value, bool) else repr(value)}\n"
        for name, value in settings.items()
    )
    rules = '[[policy.withhold]]\ncolumn = "collectionCode"\nvalues = ["RARE", "Seltén"]\n'
    config = parse_config(f"{_NODE}[crawl]\n{lines}{rules}")
    assert dataclasses.asdict(config.crawl) == settings
    assert config.policy.withhold == (WithholdRule("collectionCode", ("RARE", "Seltén")),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[node", "is not valid TOML"),
        ("", "node.name: is missing"),
        ("", "node.origin: is missing"),
        ("node = 1", "[node] must be a table"),
        ("crawl = []\npolicy = 'x'\n" + _NODE, "[crawl] must be a table"),
        ("crawl = []\npolicy = 'x'\n" + _NODE, "[policy] must be a table"),
        (_NODE.replace('"A"', '""'), "node.name: must not be empty"),
        (_NODE.replace('"A"', "3"), "node.name: must be a text in quotes, not 3"),
        (_NODE.replace('"A"', '"a\\u0007b"'), "node.name"),
        (_NODE.replace("a.test/log", "a b"), "node.origin: must be"),
        (_NODE.replace("a.test/log", "a+b"), "node.origin: must be"),
        (_NODE.replace("a.test/log", "a\\u0000b"), "node.origin: must be"),
        (_NODE.replace("a.test/log", "a" * 256), "node.origin: must be"),
        (_NODE + "nmae = 'B'", "node.nmae: no such setting; known are name, origin"),
        (
            _NODE + "[crwal]",
            "crwal: no such setting; known are accounts, analysis, crawl, follow, iiif, jobs",
        ),
        (_NODE + "[crawl]\nmax_per_hosts = 3", "crawl.max_per_hosts: no such setting"),
        (_NODE + "[crawl]\nmax_per_host = 0", "crawl.max_per_host: must be at least 1"),
        (_NODE + "[crawl]\nmax_per_host = true", "crawl.max_per_host: must be a whole number, not True"),
        (_NODE + "[crawl]\nattempts = 1.5", "crawl.attempts: must be a whole number, not 1.5"),
        (_NODE + "[crawl]\nattempts = -1", "crawl.attempts: must be at least 1"),
        (_NODE + "[crawl]\nmax_image_bytes = 0", "crawl.max_image_bytes: must be at least 1"),
        (_NODE + "[crawl]\nmax_archive_bytes = 0", "crawl.max_archive_bytes: must be at least 1"),
        (_NODE + "[crawl]\nconnect_timeout = 0", "crawl.connect_timeout: must be more than 0 seconds"),
        (_NODE + "[crawl]\nread_timeout = nan", "crawl.read_timeout: must be more than 0 seconds"),
        (_NODE + "[crawl]\nread_timeout = inf", "crawl.read_timeout: must be more than 0 seconds"),
        (_NODE + "[crawl]\nread_timeout = '9'", "crawl.read_timeout: must be a number, not '9'"),
        (_NODE + "[crawl]\nrobots = 'no'", "crawl.robots: must be true or false, not 'no'"),
        (_NODE + "[crawl]\ncontact = 'a\tb'", "crawl.contact: must be plain ASCII"),
        (_NODE + "[crawl]\ncontact = 'Žofie'", "crawl.contact: must be plain ASCII"),
        (_NODE + "[policy]\nembargo = []", "policy.embargo: no such setting"),
        (_NODE + "[policy]\nwithhold = 'RARE'", "policy.withhold: must be a list of tables"),
        (_NODE + "[[policy.withhold]]\ncolumn = 'country'", "number 1: needs exactly `column` and `values`"),
        (_NODE + "[policy]\nwithhold = [1]", "number 1: needs exactly `column` and `values`"),
        (
            _NODE + "[[policy.withhold]]\ncolumn = 'color'\nvalues = ['x']",
            "number 1: 'color' is no text column of the specimen table",
        ),
        (_NODE + "[[policy.withhold]]\ncolumn = ['country']\nvalues = ['x']", "is no text column"),
        (_NODE + "[[policy.withhold]]\ncolumn = 'country'\nvalues = []", "`values` must be a list of texts"),
        (_NODE + "[[policy.withhold]]\ncolumn = 'country'\nvalues = [1]", "`values` must be a list of texts"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "here/node.toml")
    assert words in str(caught.value)
    assert "here/node.toml" in str(caught.value)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config("[node]\nname = 1\n[crawl]\nattempts = 0\nspeed = 9\n[policy]\nwithhold = 3")
    assert len(str(caught.value).splitlines()) == 1 + 5


def test_a_file_saved_by_windows_notepad_is_read(tmp_path: Path) -> None:
    path = tmp_path / "node.toml"
    path.write_bytes(b"\xef\xbb\xbf" + _NODE.replace("\n", "\r\n").encode())
    assert read_config(path).identity.name == "A"


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", None])
def test_an_unreadable_file_is_named(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "node.toml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"Cannot read .*node\.toml"):
        read_config(path)


def test_config_check_ends_with_0_when_all_is_in_order(fresh: Node, vasculum: Vasculum) -> None:
    said = vasculum("--node", fresh.layout.root, "config", "check")
    assert (said.code, said.err) == (0, "")
    assert "in order: Test Herbarium, log herbarium.test/log, 0 withholding rules." in said.out
    assert vasculum("--json", "--node", fresh.layout.root, "config", "check").summary["valid"] is True


def test_config_check_ends_with_1_and_names_every_mistake(fresh: Node, vasculum: Vasculum) -> None:
    text = fresh.layout.config.read_text()
    fresh.layout.config.write_text(text.replace("attempts = 3", "attempts = 0\npatience = 1", 1))
    said = vasculum("--node", fresh.layout.root, "config", "check")
    assert (said.code, said.out) == (1, "")
    assert "crawl.attempts: must be at least 1" in said.err
    assert "crawl.patience: no such setting" in said.err


def test_every_command_refuses_broken_settings_in_the_same_words(fresh: Node, vasculum: Vasculum) -> None:
    fresh.layout.config.write_text("[node]\nname = 1\n")
    for command in (("status",), ("ls",), ("verify",), ("track", "x"), ("show", "snapshot")):
        said = vasculum("--node", fresh.layout.root, *command)
        assert (said.code, said.out) == (1, "")
        assert "node.name: must be a text in quotes, not 1" in said.err
