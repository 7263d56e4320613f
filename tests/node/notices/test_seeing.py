from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.config import MailConfig
from node.notices.mail import notice_mail
from node.notices.model import Channel, Event, Subscriber, Watch
from node.notices.seeing import _line

_WATCH = Watch("6f0c1c1e-0000-4000-8000-000000000001", "Oaks", None, "x", True, "2026-11-23T08:00:00Z")
_WHO = Subscriber("6f0c1c1e-0000-4000-8000-000000000002", _WATCH.id, Channel.MAIL, "ada@museum.test")


@given(title=st.text(max_size=400))
def test_whatever_others_call_a_dataset_is_part_of_one_line_and_a_mail_can_be_written(title: str) -> None:
    line = _line(title)
    assert len(line) <= 200
    assert line.isprintable()
    event = Event("urn:uuid:6f0c1c1e-0000-5000-8000-000000000003", _WATCH.id, 1, "2026-11-23T08:00:00Z",
                  {"a.test/log": 1}, f"{line}, version 1: 3 images", 1, 0)  # fmt: skip
    mail = notice_mail(MailConfig(sender="node@museum.test"), "Museum", _WATCH, _WHO, event, [])
    assert mail.as_bytes().count(b"\nSubject:") == 1
