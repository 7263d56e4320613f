"""On what an analysis ran: told in its statement, and compared where two runs differ."""

from __future__ import annotations

import platform


def platform_text() -> str:
    """Operating system, processor and Python, in words: `Linux x86_64, glibc 2.36, CPython 3.11.7`."""
    library, number = platform.libc_ver()
    parts = [
        f"{platform.system()} {platform.machine()}",
        f"{library} {number}".strip(),
        f"{platform.python_implementation()} {platform.python_version()}",
    ]
    return ", ".join(part for part in parts if part)
