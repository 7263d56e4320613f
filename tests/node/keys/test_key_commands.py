"""`vasculum key` and `vasculum log` as an operator meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.compose import Node, open_node

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


def test_keys_are_listed_changed_and_revoked(fresh: Node, vasculum: Vasculum) -> None:
    here = ("--json", "--node", fresh.layout.root, "key")
    listed = vasculum(*here, "ls")
    assert [(key["role"], key["active"]) for key in listed.of("key")] == [("identity", True), ("log", True)]
    assert listed.summary["nextIdentityKey"].startswith("hash://sha256/")
    first = listed.summary
    refused = vasculum(*here, "revoke", first["identity"])
    assert (refused.code, "key rotate" in refused.err) == (1, True)
    both = vasculum(*here, "rotate")
    assert [(each["role"], each["committed"]) for each in both.of("keyChange")] == [
        ("identity", True),
        ("log", True),
    ]
    assert vasculum(*here, "rotate", "--log").of("keyChange")[0]["role"] == "log"
    heir, safe = fresh.layout.next_identity_key, fresh.layout.root.with_name("safe.pem")
    heir.rename(safe)
    alone = vasculum(*here, "revoke", first["identity"])
    assert (alone.code, "Put it back" in alone.err) == (1, True)
    safe.rename(heir)
    assert vasculum(*here, "revoke", first["identity"]).summary["role"] == "identity"
    said = vasculum(*here, "revoke", first["logKey"], "--from", "1").summary
    assert (said["role"], said["logIndex"]) == ("log", 5)
    keys = vasculum(*here, "ls").of("key")
    assert [(key["role"], key["from"], key["voidFrom"]) for key in keys] == [
        ("identity", 0, 2),
        ("identity", 2, None),
        ("log", 0, 1),
        ("log", 3, None),
        ("log", 4, None),
    ]
    assert vasculum(*here, "revoke", "z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd").code == 1
    assert vasculum("--node", fresh.layout.root, "verify", "--deep").code == 0


def test_to_ask_witnesses_takes_witnesses(fresh: Node, vasculum: Vasculum) -> None:
    said = vasculum("--node", fresh.layout.root, "log", "cosign")
    assert (said.code, "names no witnesses" in said.err) == (1, True)


def test_a_witness_that_is_away_keeps_nothing_from_being_done(fresh: Node, vasculum: Vasculum) -> None:
    from provenance.cosignature import Cosigner
    from provenance.keys import SigningKey

    key = Cosigner("w.example", SigningKey(b"w" * 32)).key
    text = fresh.layout.config.read_text()
    ask = f'\n[witness]\nthreshold = 1\n[[witness.ask]]\nurl = "http://127.0.0.1:1/w"\nkey = "{key}"\n'
    fresh.layout.config.write_text(text + ask)
    said = vasculum("--json", "--node", fresh.layout.root, "key", "rotate", "--identity")
    assert (said.code, said.summary["type"]) == (0, "summary")
    assert "0 of 1 witnesses" in said.err
    asked = vasculum("--json", "--node", fresh.layout.root, "log", "cosign")
    assert (asked.code, asked.summary["strong"]) == (3, False)
    assert open_node(fresh.layout).reader.head().size == 2
