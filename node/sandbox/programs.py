"""Whether there is a sandbox on this machine: the programs, and a kernel that lets them work."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from typing import Final

from node.sandbox.errors import SandboxError

_PATIENCE: Final = 20.0  # seconds
_TRY: Final = ("--unshare-all", "--unshare-user", "--disable-userns", "--ro-bind", "/", "/", "true")


@cache
def sandbox_programs() -> tuple[str, str]:
    """Where `bwrap` and `prlimit` are, which were tried.

    Raises:
        SandboxError: One is missing, or the kernel refuses; the message says what to do.
    """
    bwrap, prlimit = shutil.which("bwrap"), shutil.which("prlimit")
    if bwrap is None or prlimit is None:
        name, package = ("bwrap", "bubblewrap") if bwrap is None else ("prlimit", "util-linux")
        raise SandboxError(
            f"The program {name} is not installed here, and other people's code is run in a sandbox only: "
            f"apt-get install {package}."
        )
    try:
        said = subprocess.run([bwrap, *_TRY], capture_output=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxError(f"{bwrap} does not work: {error}.") from error
    if said.returncode != 0:
        words = said.stderr.decode("utf-8", "replace").strip()[:300]
        raise SandboxError(
            f"bubblewrap does not work on this machine, so other people's code is not run: {words}. It needs "
            "version 0.8 and user namespaces (sysctl kernel.unprivileged_userns_clone=1, or a container that "
            "allows them)."
        )
    return bwrap, prlimit
