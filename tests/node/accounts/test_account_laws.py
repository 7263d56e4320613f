"""What the pure parts of accounts promise."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.accounts.errors import AccountRefused
from node.accounts.lifetime import Lifetime, is_alive
from node.accounts.names import read_name, read_password, read_shown
from node.accounts.roles import Deed, Role, deeds, may, may_by_token
from node.accounts.secret import form_token, is_form_token, kept_of, new_secret, new_token
from node.accounts.throttle import WINDOW, counted, wait
from node.web.target import own_target

_times = st.floats(0, 10_000, allow_nan=False)


@given(st.sampled_from(Role), st.sampled_from(Role), st.sampled_from(Deed))
def test_whoever_stands_higher_may_do_all_that_the_lower_may(one: Role, other: Role, deed: Deed) -> None:
    assert one.includes(other) or other.includes(one)
    if one.includes(other):
        assert set(deeds(other)) <= set(deeds(one))
        assert may(one, deed) or not may(other, deed)


def test_only_operators_operate_and_only_reviewers_review() -> None:
    assert [role for role in Role if may(role, Deed.OPERATE)] == [Role.OPERATOR]
    assert [role for role in Role if may(role, Deed.REVIEW)] == [Role.REVIEWER, Role.OPERATOR]
    assert not may(Role.READER, Deed.ANNOTATE)


@given(st.sampled_from(Role), st.frozensets(st.sampled_from(Deed)), st.sampled_from(Deed))
def test_a_token_may_do_no_more_than_its_owner_and_its_scopes(
    role: Role, scopes: frozenset[Deed], deed: Deed
) -> None:
    assert may_by_token(role, scopes, deed) == (deed in scopes and may(role, deed))


@given(_times, _times, _times, _times)
def test_a_session_that_has_ended_never_lives_again(
    begun: float, used: float, now: float, later: float
) -> None:
    lifetime = Lifetime(idle=600, longest=3000)
    if now >= begun and not is_alive(lifetime, begun, used, now):
        assert not is_alive(lifetime, begun, used, now + later)
    assert not is_alive(lifetime, begun, begun + 10_000, begun + 3001)


@given(st.lists(_times, max_size=40), _times)
def test_wrong_passwords_only_make_the_wait_longer(failures: list[float], now: float) -> None:
    counts = counted("ada", "192.0.2.1")
    own = counts[0]
    before = wait(counts, {own.key: failures}, now)
    assert 0 <= before <= 900
    assert wait(counts, {own.key: [*failures, now]}, now) >= before
    assert wait(counts, {own.key: failures}, now + WINDOW + 10_000) == 0
    if len(failures) < own.free:
        assert before == 0


def test_another_name_or_address_counts_apart() -> None:
    mine, other = counted("Ada ", "192.0.2.1"), counted("ada", "192.0.2.2")
    assert mine[0].key == counted("ada", "192.0.2.1")[0].key
    assert mine[0].key != other[0].key
    assert mine[1].key != other[1].key
    assert mine[2].key == other[2].key
    assert wait(other, {mine[0].key: [10.0] * 50}, 10.0) == 0


@given(st.text())
def test_a_form_token_belongs_to_one_session_and_does_not_tell_its_secret(other: str) -> None:
    secret = new_secret()
    assert is_form_token(secret, form_token(secret))
    assert not is_form_token(other, form_token(secret))
    assert secret not in form_token(secret)
    assert secret not in kept_of(secret)
    assert new_token() != new_token()


@given(st.text(max_size=70))
def test_a_name_is_read_once_and_for_all(text: str) -> None:
    try:
        name = read_name(text)
    except AccountRefused:
        return
    assert read_name(name) == name
    assert "@" not in name
    assert name.isascii()


@pytest.mark.parametrize("text", ["", " ", "ada@museum.example", "-ada", "a" * 64, "ada\n", "Åda", "a/b"])
def test_what_is_no_name_is_refused(text: str) -> None:
    if text.strip() == "ada":
        assert read_name(text) == "ada"
        return
    with pytest.raises(AccountRefused):
        read_name(text)


@pytest.mark.parametrize(
    "text", ["short", "aaaaaaaaaaaaaaaa", "adalovelaceadalovelace", "x" * 257, "ab" * 10]
)
def test_what_is_easily_guessed_is_no_password(text: str) -> None:
    with pytest.raises(AccountRefused):
        read_password(text, "adalovelace")


def test_a_password_is_the_same_however_a_keyboard_composes_it() -> None:
    assert read_password("Kräutersammlung", "ada") == read_password("Kra\u0308utersammlung", "ada")


@pytest.mark.parametrize("text", ["", "a\nb", "a\u2028b", "x" * 101])
def test_a_shown_name_is_text_on_one_line(text: str) -> None:
    with pytest.raises(AccountRefused):
        read_shown(text)


def _as_browsers_read(address: str) -> str:
    return "".join(letter for letter in address if letter not in "\t\r\n").replace("\\", "/")


@given(st.text(alphabet="/\\:.@?#a\t\n\r é%", max_size=12) | st.text(max_size=30))
def test_nothing_leads_to_another_host(text: str) -> None:
    target = own_target(text, "/account")
    reached = urljoin("https://node.example/x", _as_browsers_read(target))
    assert urlsplit(reached)[:2] == ("https", "node.example")


@pytest.mark.parametrize(
    "text", ["//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example", "javascript:x",
             "/ok\r\nset-cookie: a=b", "evil", "", "/" + "a" * 3000],
)  # fmt: skip
def test_what_is_no_address_of_ours_is_left_alone(text: str) -> None:
    assert own_target(text, "/account") == "/account"


@pytest.mark.parametrize("text", ["/", "/explore?q=a&b=%2F", "/image/00#x", "/a//b"])
def test_our_own_addresses_are_gone_to(text: str) -> None:
    assert own_target(text, "/account") == text
