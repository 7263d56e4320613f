"""Licences of members and of the whole go together, or are refused with what is wrong."""

from __future__ import annotations

import pytest

from manifests.dataset.licences import licence_report, terms_of, words_of_whole
from manifests.errors import LicencesRefused


@pytest.mark.parametrize(
    ("member", "whole", "parts"),
    [
        ("CC-BY-NC-4.0", "CC-BY-4.0", False),
        ("CC-BY-NC-SA-3.0", "CC0-1.0", False),
        ("CC-BY-NC-ND-4.0", "ODbL-1.0", False),
        ("CC-BY-SA-4.0", "CC-BY-4.0", True),
        ("CC-BY-SA-4.0", "CC-BY-SA-3.0", True),
        ("CC-BY-SA-1.0", "CC-BY-SA-4.0", True),
        ("CC-BY-SA-2.0", "CC-BY-SA-3.0-AT", True),
        ("CC-BY-SA-3.0", "CC-BY-NC-SA-4.0", True),
        ("ODbL-1.0", "CC-BY-SA-4.0", True),
        ("CC-BY-ND-4.0", "CC-BY-ND-4.0", True),
        ("CC-BY-NC-ND-2.5", "CC-BY-NC-4.0", True),
    ],
)
def test_a_licence_that_does_not_go_with_the_whole_is_refused(member: str, whole: str, parts: bool) -> None:
    report = licence_report(whole, {member: 3, "CC0-1.0": 2}, parts=parts)
    assert [(one.license, one.members) for one in report.conflicts] == [(member, 3)]
    with pytest.raises(LicencesRefused, match=f"3 images are {member}"):
        report.check(allow_unknown=True)


@pytest.mark.parametrize(
    ("member", "whole", "parts"),
    [
        ("CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", False),
        ("CC-BY-SA-4.0", "CC-BY-4.0", False),
        ("CC-BY-ND-4.0", "CC0-1.0", False),
        ("CC-BY-SA-4.0", "CC-BY-SA-4.0", True),
        ("CC-BY-SA-3.0", "CC-BY-SA-4.0", True),
        ("CC-BY-SA-3.0-AT", "CC-BY-SA-4.0", True),
        ("CC-BY-NC-SA-2.5", "CC-BY-NC-SA-4.0", True),
        ("CC-BY-4.0", "CC0-1.0", True),
        ("CC-BY-3.0-AT", "CC-BY-4.0", True),
        ("CC-PDM-1.0", "ODC-By-1.0", True),
    ],
)
def test_a_licence_that_goes_with_the_whole_is_taken(member: str, whole: str, parts: bool) -> None:
    licence_report(whole, {member: 3}, parts=parts).check(allow_unknown=False)


@pytest.mark.parametrize(
    ("whole", "told"),
    [
        ("CC0-1.0", "2 CC-BY-4.0, 3 CC-BY-NC-SA-4.0"),
        ("CC-BY-4.0", "3 CC-BY-NC-SA-4.0"),
        ("CC-BY-NC-4.0", "3 CC-BY-NC-SA-4.0"),
        ("CC-BY-NC-SA-4.0", None),
    ],
)
def test_what_the_licence_of_the_whole_does_not_cover_is_said(whole: str, told: str | None) -> None:
    words = words_of_whole(whole, {"CC-BY-4.0": 2, "CC-BY-NC-SA-4.0": 3, "CC0-1.0": 4})
    if told is None:
        assert words is None
    else:
        assert (
            words == f"{whole} is of the selection alone; under licences of their own, that ask more: {told}"
        )


def test_unknown_and_contradictory_licences_are_refused_unless_taken_knowingly() -> None:
    report = licence_report("CC-BY-4.0", {None: 5, "CC-BY-4.0": 1, "LicenseRef-Mine": 2}, 3)
    assert (report.unknown, report.contradictory, report.counts) == (4, 3, {"CC-BY-4.0": 1})
    with pytest.raises(LicencesRefused, match=r"4 images have no known licence; 3 have contradictory"):
        report.check(allow_unknown=False)
    report.check(allow_unknown=True)


@pytest.mark.parametrize("whole", ["", "CC-BY", "cc-by-4.0", "CC-BY-5.0", "all rights reserved"])
def test_the_whole_needs_a_known_licence(whole: str) -> None:
    with pytest.raises(LicencesRefused, match="no licence that is known here"):
        licence_report(whole, {})


def test_terms_follow_from_the_name() -> None:
    terms = terms_of("CC-BY-NC-SA-4.0")
    assert terms is not None
    assert (terms.noncommercial, terms.share_alike, terms.no_derivatives) == (True, True, False)
    assert terms_of("CC-BY-ND-NC-1.0") is None
    assert terms_of("CC-BY-4.0\n") is None
