"""Licences: what comes out is SPDX's own identifier, and fields that disagree give none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.quality import licences
from manifests.quality.issues import Issue
from manifests.quality.licences import RESERVED, meaning_of, read_licence

BY = "http://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (BY, "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/deed.en", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by-nc/4.0/legalcode", "CC-BY-NC-4.0"),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/us/", "LicenseRef-CC-BY-NC-SA-3.0-US"),
        ("http://creativecommons.org/licenses/by-sa/3.0/de/", "CC-BY-SA-3.0-DE"),
        ("http://creativecommons.org/publicdomain/zero/1.0/legalcode", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"),
        ("CC BY-NC (Attribution-Non-Commercial)", "CC-BY-NC-?"),
        ("Attribution-NonCommercial-ShareAlike CC BY-NC-SA", "CC-BY-NC-SA-?"),
        ("Creative Commons Attribution Non Commercial (CC-BY-NC) 4.0 License", "CC-BY-NC-4.0"),
        ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        ("CC_BY_NC_4_0", "CC-BY-NC-4.0"),
        ("cc-by-4.0", "CC-BY-4.0"),
        ("BY-NC-SA", "CC-BY-NC-SA-?"),
        ("CC0 1.0 (Public-domain)", "CC0-1.0"),
        ("Public Domain", "CC-PDM-1.0"),
        ("© Museum. All rights reserved.", RESERVED),
        ("http://rightsstatements.org/vocab/InC/1.0/", RESERVED),
        ("© Museum", None),
        ("see our terms", None),
        ("CC BY-ND-SA 4.0", None),
        ("CC BY 9.9", None),
    ],
)
def test_licences_are_read_as_people_write_them(text: str, meaning: str | None) -> None:
    assert meaning_of(text) == meaning


@pytest.mark.parametrize(
    ("fields", "spdx", "issues"),
    [
        ((BY, None, None, None), "CC-BY-4.0", ()),
        ((None, None, "CC BY", BY), "CC-BY-4.0", ()),
        ((BY, None, None, "© Museum"), "CC-BY-4.0", ()),
        (("CC BY", None, None, None), None, (Issue.LICENSE_VERSION_MISSING,)),
        (("All rights reserved", None, None, None), None, (Issue.LICENSE_RESERVED,)),
        ((BY, None, "CC BY-NC-SA", None), None, (Issue.LICENSE_CONTRADICTORY,)),
        (("CC BY", None, "CC BY-NC 4.0", None), None, (Issue.LICENSE_CONTRADICTORY,)),
        ((BY, None, None, "All rights reserved"), None, (Issue.LICENSE_CONTRADICTORY,)),
        (
            (BY, "http://creativecommons.org/licenses/by/3.0/", None, None),
            None,
            (Issue.LICENSE_CONTRADICTORY,),
        ),
        (("see our terms", None, None, None), None, (Issue.LICENSE_UNKNOWN,)),
        ((None, "", " ", None), None, (Issue.LICENSE_MISSING,)),
    ],
)
def test_fields_that_disagree_give_no_licence(
    fields: tuple[str | None, ...], spdx: str | None, issues: tuple[Issue, ...]
) -> None:
    reading = read_licence(*fields)
    assert (reading.values, reading.issues) == ((spdx,), issues)


@pytest.fixture(scope="module")
def listed() -> frozenset[str]:
    """The identifiers of SPDX's own list, as license-expression ships it."""
    from license_expression import get_license_index

    return frozenset(
        entry["spdx_license_key"] for entry in get_license_index() if entry.get("spdx_license_key")
    )


def test_every_identifier_that_is_built_in_is_spdxs(listed: frozenset[str]) -> None:
    named = {*licences._PORTED, *licences._OTHERS.values(), *licences._ADDRESSES.values()}
    assert named <= listed


@given(
    st.text(alphabet="byncdsa -_/.0123456789CBYNSA", max_size=20)
    | st.sampled_from(["CC BY 4.0", "mit", "cc0"])
)
def test_whatever_is_read_is_an_identifier_of_spdx(listed: frozenset[str], text: str) -> None:
    meaning = meaning_of(f"CC {text}")
    if meaning is not None and meaning != RESERVED and not meaning.endswith(licences.VERSIONLESS):
        assert meaning in listed or re.fullmatch(r"LicenseRef-CC-BY[A-Z-]*-[23]\.\d-[A-Z]{2}", meaning)
