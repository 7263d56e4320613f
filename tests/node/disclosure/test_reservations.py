"""A reservation that was learnt is passed on, and none is made up."""

from hypothesis import given
from hypothesis import strategies as st

from node.disclosure.reservations import reservation_headers

POLICY = "https://museum.example/policy.json"


def test_a_reservation_and_its_policy_are_sent_on() -> None:
    row = {"url": "a", "tdmReservation": "1", "tdmPolicy": POLICY, "robotsTag": "noai, noimageai"}
    assert reservation_headers([row]) == {
        "tdm-reservation": "1",
        "tdm-policy": POLICY,
        "X-Robots-Tag": "noai, noimageai",
    }


def test_nothing_is_said_of_what_nobody_reserved() -> None:
    assert reservation_headers([]) == {}
    assert reservation_headers([{"url": "a", "tdmReservation": None, "robotsTag": None}]) == {}


def test_an_answer_that_says_nothing_takes_no_reservation_back() -> None:
    silent = {"url": "a", "tdmReservation": None}
    assert reservation_headers([{"url": "a", "tdmReservation": "1"}, silent]) == {"tdm-reservation": "1"}


def test_a_publisher_can_take_a_reservation_back_for_its_own_address() -> None:
    rows = [{"url": "a", "tdmReservation": "1"}, {"url": "a", "tdmReservation": "0"}]
    assert reservation_headers(rows) == {"tdm-reservation": "0"}


def test_the_stricter_of_two_addresses_wins() -> None:
    rows = [{"url": "a", "tdmReservation": "1", "tdmPolicy": POLICY}, {"url": "b", "tdmReservation": "0"}]
    assert reservation_headers(rows) == {"tdm-reservation": "1", "tdm-policy": POLICY}
    other = {"url": "c", "tdmReservation": "1", "tdmPolicy": POLICY + "2"}
    assert reservation_headers([*rows, other]) == {"tdm-reservation": "1"}


@given(st.text(), st.text())
def test_no_value_can_end_its_line_or_begin_another(policy: str, tag: str) -> None:
    row = {"url": "a", "tdmReservation": "1", "tdmPolicy": f"https://{policy}", "robotsTag": tag}
    for name, value in reservation_headers([row]).items():
        assert f"{name}: {value}".isprintable()
        assert value.isascii()
