"""Citations of a log whose keys have changed, and citations that witnesses make strong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from provenance import post_quantum
from provenance.citation import Further, Outcome, TrustedKeys, cite_crawl, cite_snapshot, verify_bundle
from provenance.cosignature import Cosigner
from provenance.errors import BundleError, KeyMaterialError
from provenance.keys import SigningKey, VerifierKey
from provenance.log.leaf import StatementLeaf
from provenance.log.log import Log
from provenance.log.note import sign_note
from provenance.post_quantum import PostQuantumKey
from provenance.statement import Statement, issue, new_statement_id
from provenance.statement.kinds import KeyChange, KeyRevocation, KeyRole, LogDescription, key_commitment

ORIGIN = "museum.example/log"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
OLD, NEW, LOG, NEXT_LOG = (SigningKey(name * 32) for name in (b"o", b"n", b"l", b"m"))
WITNESSES = tuple(Cosigner(f"w{n}.example", SigningKey(bytes([n]) * 32)) for n in range(3))


def leaf(statement: Statement) -> bytes:
    return StatementLeaf(statement.digest).encode()


def stated(by: SigningKey, subject: Any) -> Statement:
    return issue(subject.document(), by, NOW)


def change(role: KeyRole, old: SigningKey, new: SigningKey) -> Any:
    return KeyChange(new_statement_id(), ORIGIN, role, old.public, new.public, NOW)


class Story:
    """A log: description, a crawl by the old key, both changes, a crawl by the new key, a revocation."""

    def __init__(self, folder: Path, crawl: Any) -> None:
        commitments = (key_commitment(NEW.public), key_commitment(NEXT_LOG.public))
        key = VerifierKey(ORIGIN, LOG.public)
        made = LogDescription(new_statement_id(), key, OLD.public, "Museum", NOW, *commitments)
        self.description = stated(OLD, made)
        self.early, self.late = issue(crawl, OLD, NOW), issue(crawl, NEW, NOW)
        identity = issue(change(KeyRole.IDENTITY, OLD, NEW).document(), OLD, NOW, NEW)
        revoked = KeyRevocation(new_statement_id(), ORIGIN, KeyRole.IDENTITY, OLD.public, 2, NOW)
        log_change = stated(NEW, change(KeyRole.LOG, LOG, NEXT_LOG))
        first = Log(folder / "log", ORIGIN, LOG, further=[lambda c: sign_note(c.text, ORIGIN, NEXT_LOG)])
        first.append([leaf(each) for each in (self.description, self.early, identity)])
        first.append([leaf(log_change)])
        self.log = Log(folder / "log", ORIGIN, NEXT_LOG)
        self.log.append([leaf(self.late), leaf(stated(NEW, revoked))])
        self.changes = ((2, identity), (3, log_change), (5, stated(NEW, revoked)))

    def cite(self, changes: Sequence[tuple[int, Statement]] | None = None, *, late: bool = True) -> bytes:
        further = Further(self.changes if changes is None else tuple(changes))
        index, crawl = (4, self.late) if late else (1, self.early)
        return cite_crawl(self.log, self.description, index, crawl, "A crawl.", further)


@pytest.fixture(scope="module")
def story(world: Any, tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("story"), world.crawl.unsigned)


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("key", [OLD, NEW, LOG, NEXT_LOG])
def test_a_bundle_carries_the_keys_from_the_first_to_the_present_one(
    story: Story, key: SigningKey, late: bool
) -> None:
    verdict = verify_bundle(story.cite(late=late), TrustedKeys.parse([key.public.did]))
    revoked = late and key is OLD
    assert verdict.outcome is (Outcome.UNKNOWN_SIGNER if revoked else Outcome.VERIFIED), verdict.reason
    assert (verdict.identity, verdict.log_key) == (NEW.public, NEXT_LOG.public.vkey(ORIGIN))
    assert len(story.cite(late=late)) < 24_000


@pytest.mark.parametrize("kept", [[], [0], [1], [1, 0], [0, 0, 1]])
def test_a_bundle_without_a_link_of_its_history_is_none(story: Story, kept: list[int]) -> None:
    with pytest.raises(BundleError):
        story.cite([story.changes[place] for place in kept])


def changed(data: bytes, edit: Any) -> bytes:
    document = json.loads(data)
    edit(document)
    rest = {name: value for name, value in document.items() if name != "checksum"}
    return canonical_json({**rest, "checksum": Digest.of(canonical_json(rest)).uri}) + b"\n"


@pytest.mark.parametrize(
    ("edit", "broken"),
    [
        (lambda document: document["history"].pop(0), "key history"),
        (lambda document: document["history"].reverse(), "key history"),
        (lambda document: document["history"][0].update(index=1), "key history"),
        (lambda document: document["history"][0].update(path=[]), "key history"),
        (lambda document: document["history"][1].update(document["keys"]), "key history"),
        (lambda document: document.update(history=[]), "form"),
        (lambda document: document.update(history=document["history"][:1] * 300), "form"),
        (lambda document: document["leaf"].update(document["history"][0]), "leaf"),
    ],
)
def test_a_forged_history_is_refused(story: Story, edit: Any, broken: str) -> None:
    verdict = verify_bundle(changed(story.cite(), edit), TrustedKeys.parse([NEW.public.did]))
    assert (verdict.outcome, verdict.broken) == (Outcome.FAILED, broken), verdict.reason


def test_a_statement_by_a_former_key_in_a_later_leaf_is_refused(story: Story, tmp_path: Path) -> None:
    log = story.log
    data = cite_snapshot(log, story.description, "All.", Further(story.changes))
    assert verify_bundle(data, TrustedKeys()).outcome is Outcome.UNKNOWN_SIGNER
    forged = Story(tmp_path, story.early.unsigned)
    forged.log.append([leaf(story.early)])
    with pytest.raises(BundleError, match="not signed by"):
        cite_crawl(forged.log, forged.description, 6, story.early, "x", Further(forged.changes))


@pytest.mark.skipif(not post_quantum.available(), reason="cryptography offers no ML-DSA-44")
def test_a_bundle_leaves_out_post_quantum_lines_unless_asked(world: Any, tmp_path: Path) -> None:
    second = Cosigner(ORIGIN, PostQuantumKey(b"q" * 32))
    log = Log(tmp_path / "log", ORIGIN, world.signer, further=[lambda head: second.cosign(head, 0)])
    log.append(world.leaves)
    light = cite_snapshot(log, world.description, "All.")
    whole = cite_snapshot(log, world.description, "All.", Further(all_lines=True))
    assert len(light) + 3_000 < len(whole)
    for data in (light, whole):
        assert verify_bundle(data, TrustedKeys()).outcome is Outcome.UNKNOWN_SIGNER


def policy(folder: Path, threshold: int, did: str) -> TrustedKeys:
    keys = ", ".join(f'"{witness.key}"' for witness in WITNESSES)
    path = folder / "policy.toml"
    path.write_text(f'keys = ["{did}"]\n[witnesses]\nthreshold = {threshold}\nkeys = [{keys}]\n')
    return TrustedKeys.load(str(path))


def test_a_policy_tells_a_strong_citation_from_a_plain_one(world: Any, tmp_path: Path) -> None:
    log = world.log(tmp_path)
    checkpoint = log.checkpoint()
    assert checkpoint is not None
    lines = [witness.cosign(checkpoint, 1_700_000_000 + n) for n, witness in enumerate(WITNESSES[:2])]
    assert log.publish_lines(checkpoint.text, lines)
    data = cite_snapshot(log, world.description, "All.")
    for threshold, strong in ((1, True), (2, True), (3, False)):
        trust = policy(tmp_path, threshold, world.identity.public.did)
        verdict = verify_bundle(data, trust)
        assert verdict.outcome is Outcome.VERIFIED
        assert verdict.witnessed is not None
        assert verdict.witnessed.strong is strong
        assert [each.key.name for each in verdict.witnessed.by] == ["w0.example", "w1.example"]
    assert verify_bundle(data, TrustedKeys()).witnessed is None


def test_a_broken_line_of_a_trusted_witness_breaks_the_checkpoint(world: Any, tmp_path: Path) -> None:
    log = world.log(tmp_path)
    checkpoint = log.checkpoint()
    line = WITNESSES[0].cosign(checkpoint, 1_700_000_000)
    spoiled = type(line)(line.name, line.key_id, line.signature[:-1] + bytes([line.signature[-1] ^ 1]))
    assert log.publish_lines(checkpoint.text, [spoiled])
    data = cite_snapshot(log, world.description, "All.")
    verdict = verify_bundle(data, policy(tmp_path, 1, world.identity.public.did))
    assert (verdict.outcome, verdict.broken) == (Outcome.FAILED, "checkpoint")


@pytest.mark.parametrize(
    "witnesses",
    [[], {}, {"threshold": 1}, {"threshold": True, "keys": [str(WITNESSES[0].key)]},
     {"threshold": 2, "keys": [str(WITNESSES[0].key)]}, {"threshold": 1, "keys": ["x"]},
     {"threshold": 1, "keys": [str(WITNESSES[0].key)], "quorum": "all"}],
)  # fmt: skip
def test_a_policy_whose_witnesses_are_not_understood_trusts_nobody(tmp_path: Path, witnesses: Any) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({"keys": [OLD.public.did], "witnesses": witnesses}))
    with pytest.raises(KeyMaterialError):
        TrustedKeys.load(str(path))


def test_policies_are_joined_but_only_one_may_choose_witnesses(tmp_path: Path) -> None:
    chosen = policy(tmp_path, 1, OLD.public.did)
    both = TrustedKeys.join([chosen, TrustedKeys.parse([NEW.public.did])])
    assert (both.keys, both.witnesses) == (frozenset({OLD.public, NEW.public}), chosen.witnesses)
    with pytest.raises(KeyMaterialError, match="choose witnesses"):
        TrustedKeys.join([chosen, chosen])
