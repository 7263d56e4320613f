from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from crawlers.errors import CrawlerError, UnreadableFolder, UnrecognisedSource
from crawlers.sources import LocalFile, Opened, Source, recognise, registry, sources
from crawlers.sources.folder import role_of


def test_every_built_in_kind_is_a_source_and_the_particular_go_first() -> None:
    names = [kind.name for kind in sources()]
    assert [name for name in names if name in registry.BUILT_IN] == ["dwca", "feed", "url_list", "folder"]
    assert all(isinstance(kind, Source) and kind.looks_for for kind in sources())


def test_an_unknown_location_is_told_what_is_looked_for() -> None:
    with pytest.raises(UnrecognisedSource) as caught:
        recognise("https://museum.example/", b"\xff\xd8\xff\xe0", "image/jpeg")
    assert all(kind.name in str(caught.value) for kind in sources())


def test_a_plug_in_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for value, said in (("json:dumps", "is no source"), ("no.such:thing", "cannot be loaded")):
        entry = EntryPoint("mine", value, registry.GROUP)
        monkeypatch.setattr(registry, "entry_points", lambda group, entry=entry: [entry])
        sources.cache_clear()
        try:
            with pytest.raises(CrawlerError, match=said):
                sources()
        finally:
            sources.cache_clear()


def test_a_folder_lists_its_files_in_order_and_knows_images(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (tmp_path / "a.txt").write_text("notes")
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "loop").symlink_to(tmp_path)
    source = recognise(str(tmp_path), None)
    items = list(source.read(Opened(str(tmp_path), tmp_path)))
    assert source.name == "folder"
    assert items == [
        LocalFile(tmp_path / "a.txt", "a.txt"),
        LocalFile(tmp_path / "b" / "2.jpg", "b/2.jpg"),
    ]
    assert role_of((tmp_path / "a.txt").read_bytes()) == "file"
    assert role_of((tmp_path / "b" / "2.jpg").read_bytes()) == "image"


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnrecognisedSource):
        recognise(str(tmp_path / "none"), None)
    folder = next(kind for kind in sources() if kind.name == "folder")
    with pytest.raises(UnreadableFolder, match="cannot be listed"):
        list(folder.read(Opened("x", tmp_path / "none")))
