"""Builders of unsigned statements from frozen values, one module for each kind. Pure."""

from provenance.statement.kinds.analysis_run import AnalysisRun, Tally, UsedAnalyzer
from provenance.statement.kinds.annotation_set import AnnotationSet
from provenance.statement.kinds.audit_report import AuditReport
from provenance.statement.kinds.bundle import BundleChoice, BundleDecision, BundleSubmission, BundleTest
from provenance.statement.kinds.crawl import Crawl, Creator, Dataset, UsedArchive
from provenance.statement.kinds.dataset_notes import DatasetCitation, DatasetPublication
from provenance.statement.kinds.dataset_version import Changes, DatasetVersion
from provenance.statement.kinds.equivocation import Equivocation
from provenance.statement.kinds.key_change import KeyChange, KeyRole
from provenance.statement.kinds.key_revocation import KeyRevocation
from provenance.statement.kinds.log_description import LogDescription
from provenance.statement.kinds.log_successor import LogSuccessor
from provenance.statement.kinds.picture_reading import PictureReading
from provenance.statement.kinds.pipeline_run import PipelineRun, StepRun
from provenance.statement.kinds.reading import key_commitment
from provenance.statement.kinds.replica_claim import ReplicaClaim
from provenance.statement.kinds.reproduction import Reproduction
from provenance.statement.kinds.review_set import ReviewSet, ReviewTally
from provenance.statement.kinds.slice import LogState, Slice
from provenance.statement.kinds.vector_index import VectorIndex
from provenance.statement.kinds.withdrawal import Withdrawal, WithdrawalDecision

__all__ = [
    "AnalysisRun",
    "AnnotationSet",
    "AuditReport",
    "BundleChoice",
    "BundleDecision",
    "BundleSubmission",
    "BundleTest",
    "Changes",
    "Crawl",
    "Creator",
    "Dataset",
    "DatasetCitation",
    "DatasetPublication",
    "DatasetVersion",
    "Equivocation",
    "KeyChange",
    "KeyRevocation",
    "KeyRole",
    "LogDescription",
    "LogState",
    "LogSuccessor",
    "PictureReading",
    "PipelineRun",
    "ReplicaClaim",
    "Reproduction",
    "ReviewSet",
    "ReviewTally",
    "Slice",
    "StepRun",
    "Tally",
    "UsedAnalyzer",
    "UsedArchive",
    "VectorIndex",
    "Withdrawal",
    "WithdrawalDecision",
    "key_commitment",
]
