"""Row URIs and source rows: one printed form each, and a parser that gives back what was printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from manifests.errors import MalformedAddress
from manifests.row_uri import RowUri
from manifests.source_row import SourceFile, SourceRow

H = "hash://sha256/" + "ab" * 32
DIGESTS = st.binary(min_size=32, max_size=32).map(Digest)
NAMES = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), min_size=1, max_size=20)
NESTED_NAMES = st.text("abc./ é", min_size=1, max_size=10)


@given(digest=DIGESTS, row=st.integers(1, 500_000))
def test_a_row_uri_survives_printing(digest: Digest, row: int) -> None:
    uri = RowUri(digest, row)
    assert RowUri.parse(uri.print()) == uri
    assert uri.index == row - 1


def test_a_row_uri_takes_any_form_of_the_digest_and_prints_one() -> None:
    assert str(RowUri.parse("AB" * 32 + "#row=7")) == f"{H}#row=7"


@pytest.mark.parametrize(
    "text",
    ["", H, f"{H}#", f"{H}#row=", f"{H}#row=0", f"{H}#row=07", f"{H}#row=+7", f"{H}#row=500001"],
)
def test_what_is_no_row_uri_is_refused(text: str) -> None:
    for other in (
        text,
        f"{H}#row=1 ",
        f"{H}#row=1#row=2",
        f"{H}#line=1",
        f"{H}#row=1-2",
        "ab#row=1",
        f"{H}#row=٣",
    ):
        with pytest.raises(MalformedAddress):
            RowUri.parse(other)


def files() -> st.SearchStrategy[SourceFile]:
    """Files in every kind of package."""
    plain = st.builds(SourceFile, DIGESTS)
    wrapped = st.builds(SourceFile, DIGESTS, st.sampled_from([("gz",), ("bz2",)]))
    archived = st.builds(
        SourceFile,
        DIGESTS,
        st.sampled_from([("zip",), ("tar",), ("tar", "gz"), ("gz", "zip")]),
        st.tuples(NAMES),
    )
    nested = st.builds(
        SourceFile, DIGESTS, st.just(("zip", "tar", "gz")), st.tuples(NESTED_NAMES, NESTED_NAMES)
    )
    return st.one_of(plain, wrapped, archived, nested)


@given(file=files(), first=st.integers(1, 10**9), more=st.integers(0, 5))
def test_a_source_row_survives_printing(file: SourceFile, first: int, more: int) -> None:
    row = SourceRow(file, first, first + more)
    assert SourceRow.parse(row.print()) == row


@pytest.mark.parametrize(
    "text",
    [
        f"line:{H}!/L1",
        f"line:zip:{H}!/multimedia.txt!/L42",
        f"line:zip:{H}!/multimedia.txt!/L42-L43",
        f"line:zip:{H}!/folder/a file.txt!/L9",
        f"line:gz:{H}!/L3",
        f"line:tar:gz:{H}!/data/media.csv!/L7",
        f"line:zip:zip:{H}!/inner.zip!/occurrence.txt!/L2",
    ],
)
def test_prestons_notation_is_read_and_printed_unchanged(text: str) -> None:
    assert str(SourceRow.parse(text)) == text


def test_many_rows_of_one_file_are_addressed_by_appending_lines() -> None:
    file = SourceFile.zipped(Digest.parse(H), "multimedia.txt")
    assert file.prefix + "L42" == SourceRow(file, 42, 42).print()


NO_SOURCE_ROWS = f"""line:{H}
line:{H}!/L0
line:{H}!/L01
line:{H}!/L5-L5
line:{H}!/L5-L4
line:{H}!/L5-6
line:{H}!/L{"9" * 5000}
 line:{H}!/L1
{H}!/L1
line:{H}!/a.txt!/L5
line:zip:{H}!/L5
line:zip:{H}!/!/L5
line:zip:{H.upper()}!/a!/L1
line:zip:{H}!/a\tb!/L1
line:rar:{H}!/a!/L5
line:zip:zip:{H}!/a.txt!/L1
line:zip:zip:{H}!/a!/b!/c!/L1
"""


@pytest.mark.parametrize("text", [*NO_SOURCE_ROWS.split("\n"), f"line:zip:{H}!/a\nb!/L1"])
def test_what_is_no_source_row_is_refused(text: str) -> None:
    with pytest.raises(MalformedAddress):
        SourceRow.parse(text)


def test_a_file_in_a_package_that_we_cannot_open_is_refused() -> None:
    with pytest.raises(MalformedAddress, match="no way into rar"):
        SourceFile(Digest.parse(H), ("rar",), ("a.txt",))


def test_a_name_that_would_make_a_nested_address_ambiguous_is_refused() -> None:
    with pytest.raises(MalformedAddress, match="ambiguous"):
        SourceFile(Digest.parse(H), ("zip", "zip"), ("a!/b.zip", "c"))
