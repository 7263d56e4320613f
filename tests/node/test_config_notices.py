from __future__ import annotations

import pytest

from node.config import JobsConfig, MailConfig, WebhookConfig, parse_config
from node.config.notices import is_mail_address
from node.errors import ConfigError

_NODE = '[node]\nname = "A"\norigin = "a.test/log"\n'


def test_what_is_said_of_jobs_mail_and_webhooks_is_taken_as_it_is_written() -> None:
    config = parse_config(
        _NODE + "[jobs]\nat_once = 4\nrunning_per_user = 2\nwaiting_per_user = 7\nattempts = 1\n"
        "retry_seconds = 1.5\nlongest_hours = 12\nkeep_days = 5\n"
        '[mail]\nhost = "mail.a.test"\nport = 25\nsecurity = "none"\nsender = "node@a.test"\nuser = "n"\n'
        "timeout = 3\n[webhooks]\nallow_private = true\ntimeout = 1.0\nattempts = 2\n"
    )
    assert config.jobs == JobsConfig(4, 2, 7, 1, 1.5, 12.0, 5)
    assert config.mail == MailConfig("mail.a.test", 25, "none", "node@a.test", "n", 3.0)
    assert config.webhooks == WebhookConfig(True, 1.0, 2)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[jobs]\nat_once = 0", "jobs.at_once: must be from 1 to 64"),
        ("[jobs]\nat_once = 65", "jobs.at_once: must be from 1 to 64"),
        ("[jobs]\nretry_seconds = 0", "jobs.retry_seconds: must be more than 0 seconds"),
        ("[jobs]\nlongest_hours = -1", "jobs.longest_hours: must be 0 or more"),
        ('[jobs]\nattempts = "3"', "jobs.attempts: must be a whole number"),
        ("[jobs]\nworkers = 3", "jobs.workers: no such setting"),
        ('[mail]\nhost = "a.test"', "mail: needs `host` and `sender`"),
        ('[mail]\nhost = "a.test"\nsender = "node"', "mail.sender: 'node' is no mail address"),
        ('[mail]\nhost = "a.test"\nsender = "n@a.test"\nsecurity = "ssl"', "starttls, tls or none"),
        ('[mail]\nhost = "a.test"\nsender = "n@a.test"\nport = 70000', "from 1 to 65535"),
        ("[webhooks]\nattempts = 100", "webhooks.attempts: must be from 1 to 64"),
    ],
)
def test_a_mistake_in_these_is_named_with_its_place(text: str, fault: str) -> None:
    with pytest.raises(ConfigError) as told:
        parse_config(_NODE + text)
    assert fault in str(told.value)


@pytest.mark.parametrize("text", ["ada@museum.example", "a.b+c@x.test"])
def test_a_plain_mail_address_is_one(text: str) -> None:
    assert is_mail_address(text)
