"""Adding files as they are: nothing is read as records, and nothing is fetched."""

from __future__ import annotations

from pathlib import Path

from crawlers.sources import LocalFile
from node.compose import Node
from node.track.ahead import FilesAhead, files_of
from node.track.files import add_local
from node.track.finish import finish, settle_finishing
from node.track.model import WAITING, Listener, TrackOptions, TrackSummary
from node.track.place import place_of
from node.track.session import open_session
from node.track.staged import Gathered


def add(node: Node, path: Path, listener: Listener, ahead: FilesAhead | None = None) -> TrackSummary:
    """Add a file or a folder of files as they are; nothing in them is read as records.

    Args:
        node: The node.
        path: The file or the folder.
        listener: Told what happens.
        ahead: Its files, if they are being staged already.
    """
    place = place_of(str(path), node.config.identity.origin)
    assert place.path is not None
    if ahead is not None and ahead.path != place.path:
        ahead = None
    with node.writing(lambda: listener.say(WAITING)) as journal:
        settle_finishing(node, journal)
        session = open_session(node, journal, f"add {place.location}", TrackOptions(images=False), listener)
        files = tuple(files_of(place.path) if ahead is None else ahead.files)
        with listener.phase("Adding files", len(files)) as bar:
            listed = (LocalFile(path, name) for path, name in files)
            staged = None if ahead is None else ahead.staged
            add_local(session, place.source, listed, bar, whole=place.path.is_dir(), ahead=staged)
        return finish(session, place, Gathered("folder"))
