"""Citation bundles: one small file that proves, offline, what was cited and which keys vouch for it."""

from provenance.citation.build import Further, cite_blob, cite_crawl, cite_row, cite_snapshot
from provenance.citation.bundle import Bundle, Cited, decode_bundle, encode_bundle
from provenance.citation.packed import pack_bundle, unpack_bundle
from provenance.citation.trust import TrustedKeys
from provenance.citation.verify import Outcome, Verdict, verify_bundle

__all__ = [
    "Bundle",
    "Cited",
    "Further",
    "Outcome",
    "TrustedKeys",
    "Verdict",
    "cite_blob",
    "cite_crawl",
    "cite_row",
    "cite_snapshot",
    "decode_bundle",
    "encode_bundle",
    "pack_bundle",
    "unpack_bundle",
    "verify_bundle",
]
