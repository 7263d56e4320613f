"""`spec/scale.md` says what follows from `spec/scale.json`, and nothing else."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bench.scale.estimate import Federation, estimate
from bench.scale.measured import FILE, PAGE, Measured
from bench.scale.page import page, size, span


@pytest.fixture(scope="module")
def measured() -> Measured:
    return Measured.decode(FILE.read_text("utf-8"))


def test_the_page_follows_from_the_figures(measured: Measured) -> None:
    assert PAGE.read_text("utf-8") == page(measured), "measured anew? python -m bench scale writes both"


def test_figures_survive_being_written(measured: Measured) -> None:
    assert Measured.decode(measured.encode()) == measured
    assert FILE.read_text("utf-8") == measured.encode()


def test_figures_of_another_program_are_refused(measured: Measured) -> None:
    with pytest.raises(ValueError, match="other figures"):
        Measured.decode(measured.encode().replace('"hash_bytes"', '"hash_rate"'))


def test_what_all_nodes_need_is_what_one_needs_so_many_times(measured: Measured) -> None:
    few, many = (estimate(measured, Federation(nodes=nodes)) for nodes in (10, 1_000))
    assert many.segments_node == few.segments_node
    assert math.isclose(many.segments_all, 100 * few.segments_all)
    assert math.isclose(many.rebuild_all, 100 * few.rebuild_all)
    assert math.isclose(many.copies_all, 100 * few.copies_all)
    assert math.isclose(many.first_sync_wire * 9, few.first_sync_wire * 999)


def test_a_slow_line_bounds_what_travels_and_nothing_else(measured: Measured) -> None:
    slow, fast = (estimate(measured, Federation(link=link)) for link in (1e5, 1e12))
    assert math.isclose(slow.clone_line, Federation().data / 1e5)
    assert math.isclose(fast.clone_line, fast.clone_machine)
    assert slow.rebuild_all == fast.rebuild_all
    assert slow.first_sync_all > fast.first_sync_all


def test_299_draws_find_a_lack_of_one_percent_and_298_do_not(measured: Measured) -> None:
    found = [estimate(measured, Federation(draws=draws)).audit_found for draws in (298, 299)]
    assert found[0] < 0.95 <= found[1]


def test_more_rows_in_the_log_lengthen_a_citation_by_paths_alone(measured: Measured) -> None:
    one = estimate(measured, Federation(rows=10**9)).citation
    other = estimate(replace(measured, citation_bytes=measured.citation_bytes + 1), Federation(rows=10**9))
    assert math.isclose(other.citation, one + 1)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (size(0), "0 bytes"),
        (size(999), "999 bytes"),
        (size(1_000), "1 kB"),
        (size(1.234e12), "1.23 TB"),
        (size(3e17), "300 PB"),
        (span(0.5), "0.5 seconds"),
        (span(90), "1.5 minutes"),
        (span(86_400 * 59), "59 days"),
    ],
)
def test_figures_are_shown_with_three_digits(shown: str, text: str) -> None:
    assert shown == text
