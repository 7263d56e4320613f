"""The files of a new analyzer: a package that passes its tests as it is."""

from __future__ import annotations

import io
import keyword
from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec
from string import Template
from typing import Final

from analyzers.description import Description, Task
from analyzers.errors import AnalyzerError
from analyzers.registry import analyzer_names

# Those for which there is a reading to begin with.
TASKS: Final = tuple(task for task in Task if task is not Task.COMPARE)
_SIZE: Final = (200, 150)
_DARK: Final = (50, 40, 129, 99)  # both corners belong to it
_ABOUT: Final = "Says of a picture what its author will make it say."


def skeleton(name: str, task: Task, author: str, year: int, vasculum: str) -> Mapping[str, bytes]:
    """The files of a package with one analyzer, by their paths.

    Args:
        name: Of the analyzer, and of the package: lower-case letters, digits and hyphens.
        task: What it is for; one of `TASKS`.
        author: Who holds the copyright; stands in the licence.
        year: Likewise.
        vasculum: The release that it is made for.

    Raises:
        AnalyzerError: The name is written in another way, or is taken by what is installed here.
    """
    package = package_of(name)
    _check_author(author)
    words = {"name": name, "package": package, "TASK": task.name, "about": _ABOUT, "author": author}
    words |= {"year": str(year), "vasculum": vasculum}
    source = f"src/{package}"
    texts = {
        "pyproject.toml": _filled("pyproject.toml", words),
        "README.md": _filled("README.md", words),
        "LICENSE": _filled("LICENSE", words),
        f"{source}/__init__.py": f'"""The analyzer {name}."""\n',
        f"{source}/analyzer.py": _filled("analyzer.py", words),
        f"{source}/reading.py": _shipped(f"readings/{task.value}.py"),
        f"tests/test_{package}.py": _filled("test.py", words),
        "tests/expected.json": _shipped(f"expected/{task.value}.json"),
    }
    return {path: text.encode() for path, text in texts.items()} | {"tests/drawn.png": drawn()}


def package_of(name: str) -> str:
    """The name of the Python package of an analyzer.

    Raises:
        AnalyzerError: No analyzer may have that name, or something here has it already.
    """
    Description(name, "1", Task.DESCRIBE, _ABOUT, {})
    package = name.replace("-", "_")
    if name in analyzer_names():
        raise AnalyzerError(f"An analyzer {name!r} is installed here; choose another name.")
    if keyword.iskeyword(package) or find_spec(package) is not None:
        raise AnalyzerError(f"Python has something else named {package!r}; choose another name.")
    return package


def drawn() -> bytes:
    """The picture of the test, as PNG: a dark rectangle on paper."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", _SIZE, (235, 230, 220))
    ImageDraw.Draw(image).rectangle(_DARK, fill=(60, 50, 40))
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()


def _check_author(author: str) -> None:
    if not author.isprintable() or {'"', "\\"} & set(author):
        raise AnalyzerError(f"{author!r} cannot stand in a licence: leave out quotes and backslashes.")


def _filled(name: str, words: Mapping[str, str]) -> str:
    return Template(_shipped(f"files/{name}.txt")).substitute(words)


def _shipped(path: str) -> str:
    return files("analyzers.skeleton").joinpath(path).read_text("utf-8")
