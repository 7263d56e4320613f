"""The filter denies what its table names, by the numbers that the kernel's own headers give."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from node.sandbox.seccomp import DENIED, call_filter

_HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}
_ALLOWED, _KILLED = 0x7FFF0000, 0x80000000


def outcome(program: bytes, arch: int, number: int, flags: int = 0) -> int:
    """What the kernel would return: the few instructions that the filter has, run here."""
    instructions = list(struct.iter_unpack("<HBBI", program))
    data = {0: number, 4: arch, 16: flags}
    place = loaded = 0
    while True:
        code, yes, no, value = instructions[place]
        place += 1
        match code:
            case 0x20:
                loaded = data[value]
            case 0x06:
                return int(value)
            case 0x15:
                place += yes if loaded == value else no
            case 0x35:
                place += yes if loaded >= value else no
            case 0x45:
                place += yes if loaded & value else no


@pytest.mark.parametrize(
    ("machine", "arch", "clone", "socket", "read"),
    [("x86_64", 0xC000003E, 56, 41, 0), ("aarch64", 0xC00000B7, 220, 198, 63)],
)
def test_what_is_denied_is_denied_and_what_is_needed_is_not(
    machine: str, arch: int, clone: int, socket: int, read: int
) -> None:
    program = call_filter(machine)
    assert program is not None
    assert outcome(program, arch, read) == _ALLOWED
    assert outcome(program, arch, clone, 0x10000) == _ALLOWED, "a thread"
    for number in (*DENIED[machine].values(), socket, clone, 435):
        assert outcome(program, arch, number) not in (_ALLOWED, _KILLED)
    assert outcome(program, 0x40000003, read) == _KILLED, "another machine's numbers"
    if machine == "x86_64":
        assert outcome(program, arch, 0x40000000 + read) != _ALLOWED


@pytest.mark.parametrize("machine", sorted(_HEADERS))
def test_numbers_are_those_of_the_kernels_headers(
    machine: str, needs_path: Callable[[str, str], Path]
) -> None:
    text = needs_path(_HEADERS[machine], "linux-libc-dev").read_text("utf-8")
    known = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    assert {name: known[name] for name in DENIED[machine]} == dict(DENIED[machine])


def test_a_machine_whose_calls_are_not_known_has_no_filter() -> None:
    assert call_filter("riscv64") is None
