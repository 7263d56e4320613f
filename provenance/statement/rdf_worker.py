"""The inside of `RdfBox`: documents come on standard input, canonical N-Quads go to standard output."""

from __future__ import annotations

import resource
import sys

from hashstore.canonical import parse_json
from provenance.errors import MalformedStatement, ProvenanceError
from provenance.statement.rdf import canonical_nquads


def main() -> None:
    """Serves until standard input ends: length (4 bytes) and document in, status, length and answer out."""
    megabytes = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while header := requests.read(4):
        status, answer = _serve(requests.read(int.from_bytes(header)))
        answers.write(status + len(answer).to_bytes(4) + answer)
        answers.flush()


def _serve(request: bytes) -> tuple[bytes, bytes]:
    try:
        document = parse_json(request)
        if not isinstance(document, dict):
            raise MalformedStatement("The document is no JSON object.")
        return b"+", canonical_nquads(document)
    except ProvenanceError as error:
        return b"-", str(error).encode()


if __name__ == "__main__":
    main()
