"""An analyzer that does whatever its parameter says, in a sandbox that is begun once."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from analyzers.engine.batches import run_batches
from analyzers.engine.pool import Allowance
from analyzers.output import Failure, Output, decode_result
from hashstore.digest import Digest
from node.sandbox.errors import SandboxError
from node.sandbox.pool import Foreign, SandboxPool, sandbox_pool
from node.sandbox.programs import sandbox_programs

HERE = Path(__file__).parent
KINDS = {"red": "Red of the first pixel.", "found": "What it got hold of."}
Did = Callable[..., "list[Output | Failure]"]


def foreign(**changes: Any) -> Foreign:
    code = json.dumps({"wild_code": (HERE / "wild_code.txt").read_text("utf-8")}, separators=(",", ":"))
    given = {"name": "wild", "code": code.encode(), "models": {}, "kinds": KINDS, **changes}
    return Foreign(**given)


@pytest.fixture(scope="session")
def sandbox(skip_or_fail: Callable[[str], None]) -> None:
    """Ask for a sandbox that works here, or skip and say why there is none."""
    try:
        sandbox_programs()
    except SandboxError as error:
        skip_or_fail(f"{error} (see make deps-system)")


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Three pictures; the red of the n-th is n."""
    folder, found = tmp_path_factory.mktemp("pictures"), []
    for number in range(3):
        file = io.BytesIO()
        Image.new("RGB", (16, 9), (number, 0, 0)).save(file, "PNG")
        path = folder / f"{number}.png"
        path.write_bytes(file.getvalue())
        found.append({"digest": Digest.of(file.getvalue()).uri, "path": str(path)})
    return found


@pytest.fixture(scope="module")
def pool(sandbox: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxPool]:
    """One worker in a sandbox, which hides the folder of what would be a node."""
    hidden = tmp_path_factory.mktemp("node")
    with sandbox_pool(foreign(hidden=(hidden,)), 1, Allowance(2 << 30, 3.0), None, start=20.0) as opened:
        yield opened


@pytest.fixture
def did(pool: SandboxPool, items: list[dict[str, Any]]) -> Did:
    """Let the analyzer do something to the second picture; gives what came of all three."""

    def run(deed: str, what: str = "", executor: SandboxPool = pool) -> list[Output | Failure]:
        order: dict[str, Any] = {"analyzer": "wild", "parameters": {"deed": deed, "what": what}, "models": {}}
        return [decode_result(one) for batch in run_batches(executor, order, items, 2, 3) for one in batch]

    return run
