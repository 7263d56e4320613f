"""`audit`: ask another node for pieces of what it claims to hold; each claim gets one report."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping

from hashstore.canonical import Json
from hashstore.digest import Digest
from node.compose import Node
from node.errors import JobRefused, NotFound
from node.jobs.kinds.interface import Parameter, Parameters, Resumes, Task
from node.slices.claims import KnownClaim


class Audit:
    """Audit the claims of one node."""

    name = "audit"
    about = "Ask a node for random pieces of what it claims to hold, and sign what came of it into the log."
    parameters = (
        Parameter("whom", "The peer's address, its log's origin, or a claim.", needed=True),
        Parameter("draws", "How many pieces are asked for.", int, 299),
    )
    remote = True
    internal = False
    resumes = Resumes.KEYED

    def check(self, parameters: Parameters, *, remote: bool) -> None:
        """Refuse what would keep both nodes busy for ever."""
        draws = parameters["draws"]
        if not (isinstance(draws, int) and 1 <= draws <= 1_000_000):
            raise JobRefused("audit: 'draws' must be from 1 to 1,000,000.")

    def run(self, task: Task) -> Mapping[str, Json]:
        """Audit each claim, unless the report of an earlier run stands in the log."""
        from node.slices.audit import claims_to_audit

        with task.node.index() as index:
            claims = claims_to_audit(task.node, index, str(task.parameters["whom"]))
        verdicts, reports = Counter[str](), []
        with task.phase("Auditing", len(claims)) as bar:
            for claim in claims:
                # A sync meanwhile may change which claims there are, so the claim is part of the name.
                iri = uuid.uuid5(uuid.UUID(task.key), claim.digest.hex).urn
                verdict, report = _reported(task.node, iri) or _audited(task, claim, iri)
                verdicts[verdict] += 1
                reports.append(report.uri)
                bar.advance()
        return {"audited": len(claims), "verdicts": dict(verdicts), "reports": reports}


def _audited(task: Task, claim: KnownClaim, iri: str) -> tuple[str, Digest]:
    from random import SystemRandom

    from node.slices.audit import audit
    from node.slices.bringing import asking_peer

    urls = [peer.url for peer in task.node.peers.peers() if peer.origin == claim.origin]
    if not urls:
        raise NotFound(f"No address of {claim.origin} is known; add one with `vasculum peer add`.")
    draws = task.parameters["draws"]
    assert isinstance(draws, int)
    done = audit(task.node, claim, asking_peer(urls[0]), draws, SystemRandom(), iri)
    return str(done.report.verdict), done.statement


def _reported(node: Node, iri: str) -> tuple[str, Digest] | None:
    from provenance.statement import parse_statement
    from provenance.statement.kinds.audit_report import read_audit_report

    with node.index() as index:
        row = index.one("SELECT digest FROM own_statement WHERE iri = ?", [iri])
    if row is None:
        return None
    digest = Digest(row["digest"])
    return str(read_audit_report(parse_statement(node.store.read(digest))).verdict), digest


KIND = Audit()
