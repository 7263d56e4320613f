"""Builders of unsigned statements from frozen values, one module for each kind. Pure."""

from provenance.statement.kinds.crawl import Crawl, Creator, Dataset, UsedArchive
from provenance.statement.kinds.log_description import LogDescription
from provenance.statement.kinds.withdrawal import Withdrawal, WithdrawalDecision

__all__ = [
    "Crawl",
    "Creator",
    "Dataset",
    "LogDescription",
    "UsedArchive",
    "Withdrawal",
    "WithdrawalDecision",
]
