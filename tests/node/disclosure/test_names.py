"""A listed taxon is recognised however a record writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.disclosure.names import canonical, name_list, tokens

LIST = name_list(
    [
        ("Ophrys apifera Huds.", 0),
        ("Falconidae", 1),
        ("Carabus olympiae Sella, 1855", 0),
        ("Vipera ursinii rakosiensis Méhely", 0),
        ("Lynx", 1),
    ],
    [("Ophrys arachnites Mill.", "Ophrys apifera"), ("Ophrys fulvofusca", "Ophrys arachnites")],
)


@pytest.mark.parametrize(
    "written",
    [
        "Ophrys apifera",
        "Ophrys apifera Huds.",
        "OPHRYS APIFERA HUDS.",
        "ophrys  apifera",
        "Óphrys apífera",
        "Ophrys (Ophrys) apifera Hudson, 1762",
        "Ophrys cf. apifera",
        "Ophrys × apifera",
        "Ophrys_apifera",
        "<i>Ophrys apifera</i> Huds.",
        "Ophrys apifera var. bicolor (Nägeli) E.Nelson",
        "Ophrys api\u00adfera",
        "Ophrys arachnites (L.) Reichard",
        "Ophrys fulvofusca M.P.Grasso & Scrugli",
        "Lynx lynx (Linnaeus, 1758)",
        "Vipera ursinii ssp. rakosiensis",
    ],
)
def test_a_listed_name_is_found_as_written(written: str) -> None:
    assert LIST.match(written) is not None


@pytest.mark.parametrize(
    "written",
    ["Ophrys", "Ophrys insectifera L.", "Vipera ursinii", "Apifera ophrys", "", "123", "Lynxia alba"],
)
def test_another_name_is_not(written: str) -> None:
    assert LIST.match(written) is None


def test_a_family_is_found_in_a_classification() -> None:
    assert LIST.match_any("Animalia|Chordata|Aves|Falconiformes|Falconidae|Falco") == 1
    assert LIST.match_any("Animalia; Chordata; Aves; Passeriformes") is None


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ("Ophrys apifera Huds.", ("ophrys", "apifera")),
        ("Quercus robur subsp. robur L.", ("quercus", "robur", "robur")),
        ("Aster de Candolle", ("aster",)),
        ("ORCHIS MILITARIS", ("orchis", "militaris")),
        ("Crambe (Crambe) uva-ursi van der Meer", ("crambe", "uvaursi")),
    ],
)
def test_a_listed_name_loses_its_author(listed: str, words: tuple[str, ...]) -> None:
    assert canonical(listed) == words


def test_of_two_rules_for_one_taxon_the_first_counts() -> None:
    both = name_list([("Lynx", 1), ("Lynx lynx", 0)], [])
    assert both.match("Lynx lynx") == 0
    assert both.match("Lynx pardinus") == 1


@given(st.text())
def test_any_text_has_tokens(text: str) -> None:
    assert tokens(text.upper()) is not None
    assert LIST.match_any(text) in (None, 0, 1)
