"""`mail`: tell one subscriber of one event by mail."""

from __future__ import annotations

from collections.abc import Mapping

from hashstore.canonical import Json
from node.jobs.kinds.interface import Parameter, Parameters, Resumes, Task


class Mail:
    """Send a mail."""

    name = "mail"
    about = "Tell a subscriber of an event by mail."
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
        """Send; a mail that was sent and not taken down is sent again, under the same Message-ID."""
        from node.notices.mail import notice_mail, send_mail
        from node.notices.telling import notice_of

        node = task.node
        notice = notice_of(node, str(task.parameters["event"]), str(task.parameters["subscriber"]))
        name = node.config.identity.name
        message = notice_mail(
            node.config.mail, name, notice.watch, notice.subscriber, notice.event, list(notice.shown)
        )
        with task.phase("Sending", None):
            send_mail(node.config.mail, message)
        return {"message": str(message["Message-ID"]), "named": len(notice.shown)}


KIND = Mail()
