"""Which calls to the kernel other people's code may not make: a filter (seccomp, cBPF) for bubblewrap.

Namespaces and limits do most of the work. The filter takes away what they leave: new processes (threads are
needed and allowed), sockets of any family, since not every family minds namespaces (AF_VSOCK), memory that no
limit counts, and the corners of the kernel in which most holes were found.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # linux/bpf_common.h
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000  # linux/seccomp.h
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16  # places in struct seccomp_data, little endian
_CLONE_THREAD: Final = 0x00010000
_X32: Final = 0x40000000
# By machine: its number for the audit (linux/audit.h), and its numbers of calls (asm/unistd.h).
_AUDIT: Final = MappingProxyType({"x86_64": 0xC000003E, "aarch64": 0xC00000B7})
_CLONE: Final = MappingProxyType({"x86_64": 56, "aarch64": 220})
_SOCKET: Final = MappingProxyType({"x86_64": 41, "aarch64": 198})
_LATE: Final = MappingProxyType(  # calls of recent kernels have one number everywhere
    {
        "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
        "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
        "pidfd_getfd": 438, "mount_setattr": 442,
    }
)  # fmt: skip
_CLONE3: Final = 435
DENIED: Final = MappingProxyType[str, Mapping[str, int]](
    {
        "x86_64": {
            "shmget": 29, "fork": 57, "vfork": 58, "semget": 64, "msgget": 68, "ptrace": 101,
            "personality": 135, "modify_ldt": 154, "pivot_root": 155, "chroot": 161, "acct": 163,
            "mount": 165, "umount2": 166, "swapon": 167, "reboot": 169, "init_module": 175,
            "delete_module": 176, "mq_open": 240, "kexec_load": 246, "add_key": 248,
            "request_key": 249, "keyctl": 250, "unshare": 272, "perf_event_open": 298,
            "name_to_handle_at": 303, "open_by_handle_at": 304,
            "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "finit_module": 313,
            "memfd_create": 319, "bpf": 321, "userfaultfd": 323, **_LATE,
        },
        "aarch64": {
            "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "acct": 89, "personality": 92,
            "unshare": 97, "kexec_load": 104, "init_module": 105, "delete_module": 106, "ptrace": 117,
            "reboot": 142, "mq_open": 180, "msgget": 186, "semget": 190, "shmget": 194, "add_key": 217,
            "request_key": 218, "keyctl": 219, "swapon": 224, "perf_event_open": 241,
            "name_to_handle_at": 264, "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270,
            "process_vm_writev": 271, "finit_module": 273, "memfd_create": 279, "bpf": 280,
            "userfaultfd": 282, **_LATE,
        },
    }
)  # fmt: skip


def call_filter(machine: str) -> bytes | None:
    """The filter for a machine as `platform.machine()` names it; None for one whose calls are not known."""
    if machine not in _AUDIT:
        return None
    return b"".join(struct.pack("<HBBI", *one) for one in _instructions(machine))


def _instructions(machine: str) -> Iterator[tuple[int, int, int, int]]:
    yield _LOAD, 0, 0, _MACHINE
    yield _EQUAL, 1, 0, _AUDIT[machine]
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, _NUMBER
    if machine == "x86_64":  # calls of its other ABI have other numbers
        yield _AT_LEAST, 0, 1, _X32
        yield _RETURN, 0, 0, _ERRNO | errno.EPERM
    for number in sorted(DENIED[machine].values()):
        yield from _refused(number, errno.EPERM)
    yield from _refused(_SOCKET[machine], errno.EACCES)
    # Its flags lie in memory, where no filter looks; without it, libraries use clone.
    yield from _refused(_CLONE3, errno.ENOSYS)
    yield _EQUAL, 0, 3, _CLONE[machine]
    yield _LOAD, 0, 0, _FIRST_ARGUMENT
    yield _ANY_BIT, 1, 0, _CLONE_THREAD
    yield _RETURN, 0, 0, _ERRNO | errno.EPERM
    yield _RETURN, 0, 0, _ALLOW


def _refused(number: int, error: int) -> Iterator[tuple[int, int, int, int]]:
    yield _EQUAL, 0, 1, number
    yield _RETURN, 0, 0, _ERRNO | error
