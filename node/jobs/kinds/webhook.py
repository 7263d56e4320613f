"""`webhook`: tell one subscriber of one event by a signed call."""

from __future__ import annotations

import time
from collections.abc import Mapping

from hashstore.canonical import Json
from node.jobs.kinds.interface import Parameter, Parameters, Resumes, Task


class Webhook:
    """Call a webhook."""

    name = "webhook"
    about = "Tell a subscriber of an event by webhook."
    parameters = (
        Parameter("event", "The event's id.", needed=True),
        Parameter("subscriber", "Who is told.", needed=True),
    )
    remote = False
    internal = True
    resumes = Resumes.RECEIVER

    def check(self, parameters: Parameters, *, remote: bool) -> None:
        """Nothing to refuse."""

    def run(self, task: Task) -> Mapping[str, Json]:
        """Call; a call that was made and not taken down is made again, under the same id."""
        from crawlers.fetch import AddressPolicy
        from node.notices.telling import notice_body, notice_of
        from node.notices.webhook import call, signed_headers

        node, config = task.node, task.node.config.webhooks
        notice = notice_of(node, str(task.parameters["event"]), str(task.parameters["subscriber"]))
        body = notice_body(node, notice)
        id = f"{notice.event.id.removeprefix('urn:uuid:')}.{notice.subscriber.id}"
        headers = signed_headers(notice.subscriber.secret, id, int(time.time()), body)
        policy = AddressPolicy(config.allow_private)
        with task.phase("Calling", None):
            status = call(notice.subscriber.address, headers, body, policy, config.timeout)
        return {"status": status, "named": len(notice.shown)}


KIND = Webhook()
