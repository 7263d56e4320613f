"""Kinds of job: `interface.py` says what one does, a module each does it."""

from node.jobs.kinds.interface import JobKind, Parameter, Parameters, Resumes, Task
from node.jobs.kinds.registry import checked_parameters, kind_names, kind_of

__all__ = [
    "JobKind",
    "Parameter",
    "Parameters",
    "Resumes",
    "Task",
    "checked_parameters",
    "kind_names",
    "kind_of",
]
