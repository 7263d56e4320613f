"""Serve the museum until interrupted: `python -m node.museum --port 8765 --dir demo-museum`."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from node.museum.addresses import ADVANCE_PATH
from node.museum.catalogue import VERSIONS
from node.museum.errors import MuseumError
from node.museum.server import Museum

_log = logging.getLogger("museum")


def main() -> int:
    """Read the command line and serve; log to standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m node.museum", description="Serve a museum of drawn specimens."
    )
    parser.add_argument("--port", type=int, default=8765, help="port on 127.0.0.1 (default 8765; 0 for any)")
    parser.add_argument("--dir", type=Path, default=Path("demo-museum"), help="where drawings are kept")
    parser.add_argument("--version", type=int, choices=VERSIONS, default=1, help="which state to publish")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        with Museum(options.dir, options.port, options.version, _told) as museum:
            _welcome(museum)
            stop.wait()
    except MuseumError as error:
        _log.error("%s", error)
        return 1
    except KeyboardInterrupt:
        _log.info("The museum is closed.")
    return 0


def _told(ready: int, wanted: int) -> None:
    if ready % 8 == 0 or ready == wanted:
        _log.info("%d of %d specimens drawn", ready, wanted)


def _welcome(museum: Museum) -> None:
    _log.info("The museum is open at %s", museum.url)
    _log.info("  Darwin Core Archive  %s", museum.archive_url)
    _log.info("  feed of archives     %s", museum.feed_url)
    _log.info("  list of images       %s", museum.list_url)
    _log.info("To publish version 2:  curl -X POST %s%s", museum.url, ADVANCE_PATH)
    _log.info("Ctrl-C closes it.")


if __name__ == "__main__":
    sys.exit(main())
