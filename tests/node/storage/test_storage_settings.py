"""What `[storage]` in node.toml may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.config import StorageConfig, parse_config

_NODE = '[node]\nname = "A"\norigin = "a.test/log"\n[storage]\n'


def _parsed(lines: str) -> StorageConfig:
    return parse_config(_NODE + lines).storage


def test_without_settings_there_is_no_archive() -> None:
    assert _parsed("") == StorageConfig("", 0, False, True)


def test_an_archive_is_a_bucket_or_a_folder(tmp_path: Path) -> None:
    assert _parsed('archive = "s3://bucket/x"\narchive_after_days = 9').archive_after_days == 9
    assert _parsed(f'archive = "{tmp_path}"\nrecall = false').recall is False


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('archive = "relative"', "storage.archive: 'relative' is not an absolute path"),
        ('archive = "s3://me:secret@bucket"', "environment variables"),
        ('archive = "gopher://x"', "storage.archive: gopher://"),
        ('archive = ""', "must not be empty"),
        ("archive_after_days = 30", "needs storage.archive"),
        ('archive = "/x"\narchive_after_days = -1', "0 for never"),
        ('archive = "/x"\nrecall = "yes"', "true or false"),
        ("archives = 1", "no such setting"),
    ],
)
def test_each_mistake_is_named(lines: str, told: str) -> None:
    with pytest.raises(Exception, match="needs mending") as caught:
        _parsed(lines)
    assert told in str(caught.value)
    assert "secret" not in str(caught.value)
