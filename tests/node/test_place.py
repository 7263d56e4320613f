from __future__ import annotations

import os
from pathlib import Path

import pytest

from node.errors import SourceRefused
from node.track.place import file_url, local_source, place_of

_ORIGIN = "herbarium.test/log"


def test_a_url_is_its_own_name() -> None:
    place = place_of("https://ipt.test:8443/dwca?r=birds", _ORIGIN)
    assert (place.location, place.source, place.title, place.url) == (
        ("https://ipt.test:8443/dwca?r=birds",) * 4
    )
    assert place.path is None
    assert place.allowed_hosts == frozenset({"ipt.test:8443"})


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("http://a.test/x", "a.test:80"),
        ("https://a.test/x", "a.test:443"),
        ("HTTP://A.test/x", "a.test:80"),
        ("http://[::1]:8080/x", "[::1]:8080"),
        ("http://127.0.0.1/x", "127.0.0.1:80"),
    ],
)
def test_the_one_host_that_was_named_may_be_private(typed: str, host: str) -> None:
    assert place_of(typed, _ORIGIN).allowed_hosts == frozenset({host})


def test_a_local_place_is_named_without_its_path(tmp_path: Path) -> None:
    file = tmp_path / "secret name" / "a b%41.zip"
    file.parent.mkdir()
    file.touch()
    place = place_of(str(file), _ORIGIN)
    assert place.source.startswith("urn:uuid:")
    assert place.url == "file:a%20b%2541.zip"
    assert place.allowed_hosts == frozenset()
    assert "secret" not in place.source + place.url + place.title


def test_a_local_place_has_one_name_however_it_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ä b.zip"
    file.touch()
    (tmp_path / "link.zip").symlink_to(file)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    typed = ["ä b.zip", "./ä b.zip", "~/ä b.zip", str(file), file.as_uri(), "link.zip"]
    typed.append(file.as_uri().replace("file://", "file://localhost"))
    assert {place_of(each, _ORIGIN).source for each in typed} == {local_source(file.resolve(), _ORIGIN)}


def test_two_nodes_never_give_a_local_place_the_same_name(tmp_path: Path) -> None:
    assert local_source(tmp_path, "a.test") != local_source(tmp_path, "b.test")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/no/such/file.zip", "there is no such file or folder here"),
        ("no-such-file", "there is no such file or folder here"),
        ("ftp://a.test/x.zip", "only http, https and local paths"),
        ("s3://bucket/x.zip", "only http, https and local paths"),
        ("file://elsewhere/x.zip", "only http, https and local paths"),
        ("http:///x.zip", "names no host"),
        ("http:x.zip", "names no host"),
        ("http://a.test:99999/x", "is no URL"),
        ("http://[::1/x", "is no URL"),
        ("/dev/null", "neither a file nor a folder"),
        ("file:///dev/zero", "neither a file nor a folder"),
        ("", "there is no such file"),
        ("a\0b", "there is no such file"),
        ("x" * 5000, "there is no such file"),
    ],
)
def test_what_cannot_be_a_source_is_refused_in_words(
    typed: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceRefused, match=words):
        place_of(typed, _ORIGIN)


@pytest.mark.parametrize("typed", ["https://me:secret@a.test/x.zip", "https://secret@a.test/x.zip"])
def test_a_password_never_enters_a_record(typed: str) -> None:
    with pytest.raises(SourceRefused, match="user name or password") as caught:
        place_of(typed, _ORIGIN)
    assert "secret" not in str(caught.value)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceRefused, match="neither"):
        place_of(str(tmp_path / "pipe"), _ORIGIN)


def test_a_file_url_escapes_what_means_something_in_urls() -> None:
    assert file_url("a b/c#d?e%f/ü.jpg") == "file:a%20b/c%23d%3Fe%25f/%C3%BC.jpg"
