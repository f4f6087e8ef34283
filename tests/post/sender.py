"""Turn each line on stdin into a process that sends an outbox, killed after so many seconds.

Forking a process that has everything imported takes milliseconds. How the child ended is printed;
an empty line lets it live.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from handouts.model.mail import Login, Security
from handouts.post.outbox import Outbox
from handouts.post.presets import Server
from handouts.post.send import send_waiting
from handouts.post.smtp import Patience, open_connection


def send(file: Path, port: int, user: str, password: str) -> None:
    """Send all that waits."""
    server = Server("localhost", port, Security.TLS, Login.PASSWORD, user, user)
    patience = Patience(connect=10, command=10, end_of_text=10)
    with Outbox(file) as outbox:
        names = [entry.name for entry in outbox.list_all()]
        send_waiting(outbox, server, lambda: open_connection(server, password, patience), names)


def main() -> None:
    """Make a sender for each line."""
    file, port, user, password = sys.argv[1:]
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            send(Path(file), int(port), user, password)
            os._exit(0)
        if line.strip():
            time.sleep(float(line))
            os.kill(child, signal.SIGKILL)  # not waited for yet: the number is still its own
        print(os.waitpid(child, 0)[1], flush=True)  # noqa: T201  for the test


if __name__ == "__main__":
    main()
