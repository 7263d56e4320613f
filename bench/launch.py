"""Run one command and take its time and memory: `launch.py DESCRIPTOR COMMAND...`, for `harness.measure`.

A process of its own, because a child's greatest memory begins with that of whoever starts it.
"""

import json
import os
import sys
import time

report, command = int(sys.argv[1]), sys.argv[2:]
os.set_inheritable(report, False)
began = time.perf_counter()
child = os.posix_spawnp(command[0], command, os.environ)
_, status, usage = os.wait4(child, 0)
found = {
    "seconds": time.perf_counter() - began,
    "code": os.waitstatus_to_exitcode(status),
    "cpu_seconds": usage.ru_utime + usage.ru_stime,
    "peak_bytes": usage.ru_maxrss * 1024,
}
os.write(report, json.dumps(found).encode())
