"""What a checklist says lies below a taxon is what a plain walk through it finds, however it is tangled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from manifests.checklist import Checklist, Taxon, checklist_bytes, expanded, names_below
from manifests.errors import DamagedChecklist, FilterRefused
from manifests.filter import parse_text

OAKS = (
    Taxon("1", "Fagaceae Dumort.", "Fagaceae"),
    Taxon("2", "Quercus L.", "Quercus", parent="1"),
    Taxon("3", "Quercus robur L.", "Quercus robur", parent="2"),
    Taxon("4", "Quercus pedunculata Ehrh.", "Quercus pedunculata", accepted="3"),
    Taxon("5", "Robur europaeum Kunth", "Robur europaeum", accepted="4"),
    Taxon("6", "Fagus L.", "Fagus", parent="1"),
    Taxon("7", "Fagus ferruginea Aiton", "Fagus ferruginea", accepted="99"),
    Taxon("8", "Oenanthe L.", "Oenanthe"),
    Taxon("9", "Oenanthe Vieillot", "Oenanthe"),
    Taxon("10", "Oenanthe crocata L.", "Oenanthe crocata", parent="8"),
)


def read(*taxa: Taxon) -> Checklist:
    return Checklist.parse(checklist_bytes(taxa))


def test_synonyms_and_all_below_are_meant_whatever_name_is_asked() -> None:
    oaks = read(*OAKS)
    assert names_below(oaks, "quercus") == ("quercus", "robur europaeum")
    species = ("quercus pedunculata", "quercus robur", "robur europaeum")
    for name in ("Quercus robur", " QUERCUS PEDUNCULATA", "Robur europaeum Kunth"):
        assert names_below(oaks, name) == species
    assert names_below(oaks, "Fagaceae") == ("fagaceae", "fagus", "quercus", "robur europaeum")


def test_what_stands_for_several_taxa_has_to_be_written_in_full() -> None:
    with pytest.raises(FilterRefused, match=r"2 taxa of the name 'Oenanthe'; .*'Oenanthe L.', 'Oenanthe Vie"):
        names_below(read(*OAKS), "Oenanthe")
    assert names_below(read(*OAKS), "oenanthe l.") == ("oenanthe crocata", "oenanthe l.")
    with pytest.raises(FilterRefused, match="no taxon 'Betula'"):
        names_below(read(*OAKS), "Betula")


def test_a_tree_is_written_out_as_names(monkeypatch: pytest.MonkeyPatch) -> None:
    data = checklist_bytes(OAKS)
    digest, oaks = Digest.of(data), Checklist.parse(data)
    asked = parse_text(f"NOT taxon:below(Fagus, {digest.uri}) OR (year<1900 AND country:BE)")
    assert expanded(asked, {digest: oaks}.__getitem__) == parse_text(
        "NOT taxon:(fagus) OR (year<1900 AND country:BE)"
    )
    monkeypatch.setattr("manifests.checklist.below.MOST_NAMES", 1)
    with pytest.raises(FilterRefused, match="stands for 4 names, and 1 can be asked"):
        names_below(oaks, "Fagaceae")
    many = " OR ".join([f"taxon:below(Fagus, {digest.uri})"] * 33)
    with pytest.raises(FilterRefused, match="at most 32 taxa"):
        expanded(parse_text(many), {digest: oaks}.__getitem__)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "header"),
        (b"id\tname\n1\tQuercus\n", "header"),
        (checklist_bytes(OAKS)[:-1], "line feed"),
        (checklist_bytes(OAKS).replace(b"\n", b"\r\n"), "header"),
        (checklist_bytes(OAKS) + b"1\tQuercus again\t\t\t\n", "one id twice"),
        (checklist_bytes(OAKS) + b"11\tQuercus\n", "five columns"),
        (checklist_bytes(OAKS) + b"11\t\xff\t\t\t\n", "text"),
        (checklist_bytes(OAKS) + b"11\t\t\t\t\n", "no id or no name"),
        (checklist_bytes([]), "no name"),
    ],
)
def test_what_is_no_checklist_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(DamagedChecklist, match=words):
        Checklist.parse(data)


_ids = st.sampled_from(["", *"abcdefgh", "nowhere"])
_names = st.sampled_from(["Aa", "Aa b", "Aa b c", "Bb", "Bb b", "Cc", "Cc L."])
tangles = st.lists(
    st.builds(Taxon, st.sampled_from("abcdefgh"), _names, st.just("") | _names, _ids, _ids),
    min_size=1, max_size=8, unique_by=lambda taxon: taxon.id,
)  # fmt: skip


def _accepted(taxa: dict[str, Taxon], one: str) -> str:
    seen, here = [one], one
    while (further := taxa[here].accepted) in taxa and further != here:
        if further in seen:
            return one
        seen.append(further)
        here = further
    return here


def _walked(taxa: dict[str, Taxon], root: str) -> set[str]:
    """Everything whose way up leads past the root; a way that turns in a circle ends there."""
    held = set()
    for one in taxa:
        here, seen = one, set[str]()
        while here not in seen:
            seen.add(here)
            accepted, parent = _accepted(taxa, here), taxa[here].parent
            here = accepted if accepted != here else _accepted(taxa, parent) if parent in taxa else here
        if root in seen:
            held.add(one)
    return held


@given(tangles, _names)
def test_circles_gaps_and_homonyms_change_nothing_of_what_is_below(taxa: list[Taxon], asked: str) -> None:
    known = {taxon.id: taxon for taxon in taxa}
    texts = {one: {text.lower() for text in known[one][1:3] if text} for one in known}
    bearing = {one for one in known if asked.lower() in texts[one]}
    meant = {one for one in bearing if _accepted(known, one) == one}
    meant = meant or {_accepted(known, one) for one in bearing}
    whole = [root for root in meant if meant <= _walked(known, root)]
    if not whole:
        with pytest.raises(FilterRefused):
            names_below(read(*taxa), asked)
        return
    found = names_below(read(*taxa), asked)
    inside = _walked(known, whole[0])
    own = {text for one in inside for text in texts[one]}
    own -= {text for one in known.keys() - inside for text in texts[one]}
    assert set(found) == {text for text in own if not any(text.startswith(f"{other} ") for other in own)}


@given(tangles)
def test_the_order_of_names_makes_no_difference(taxa: list[Taxon]) -> None:
    assert checklist_bytes(taxa) == checklist_bytes(taxa[::-1])
