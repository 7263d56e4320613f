from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from hypothesis import given
from hypothesis import strategies as st

from crawlers.fetch.answer import ContentRange, content_range
from crawlers.fetch.retry import backoff, retry_after

NOW = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)


@given(st.integers(0, 10**9))
def test_seconds_are_taken_as_they_are(seconds: int) -> None:
    assert retry_after(f" {seconds} ", NOW) == seconds


@given(st.integers(-(10**8), 10**8))
def test_a_date_counts_from_now_and_never_backward(seconds: int) -> None:
    moment = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after(moment, NOW) == max(0, seconds)


def test_the_old_forms_of_a_date_are_read_too() -> None:
    assert retry_after("Wednesday, 01-May-24 12:00:30 GMT", NOW) == 30
    assert retry_after("Wed May  1 12:00:30 2024", NOW) == 30


@given(st.text(max_size=40))
def test_nonsense_is_no_wait_and_no_error(text: str) -> None:
    wait = retry_after(text, NOW)
    assert wait is None or wait >= 0


@given(st.integers(1, 10_000), st.floats(0.001, 100), st.floats(0.001, 1000), st.floats(0, 1))
def test_backoff_grows_up_to_the_longest(failed: int, first: float, longest: float, chance: float) -> None:
    wait = backoff(failed, first, longest, chance)
    assert 0 < wait <= longest
    assert wait <= backoff(failed + 1, first, longest, chance)


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**12) | st.none())
def test_a_content_range_is_read_back_or_contradicts_itself(first: int, last: int, total: int | None) -> None:
    field = f"bytes {first}-{last}/{'*' if total is None else total}"
    fits = first <= last and (total is None or last < total)
    assert content_range(field) == (ContentRange(first, last, total) if fits else None)
