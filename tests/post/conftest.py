"""A mail server of the tests' own: real sockets, real TLS, a certificate made on the spot.

What it does wrong is said stage by stage: ``connect``, ``EHLO``, ``AUTH``, ``MAIL``, ``RCPT``,
``RSET``, ``DATA`` (the command) and ``text`` (the dot that ends a message).
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
import time
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from handouts.model.letter import Letter
from handouts.model.mail import Login, Security
from handouts.post.address import Person
from handouts.post.entry import Draft
from handouts.post.letter import Attachment, Meant, compose, hash_pdf, name_message
from handouts.post.outbox import Outbox
from handouts.post.presets import Server
from handouts.post.send import send_waiting
from handouts.post.smtp import Patience, open_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from handouts.post.send import Tally

USER, PASSWORD, TOKEN = "ann@example.org", "correct horse", "ya29.token"
DROP, DROP_AFTER, HANG = "drop", "take it and drop", "hang"
QUICK = Patience(connect=2, command=0.4, end_of_text=0.4)


class Session(SMTP):
    """One client's conversation, with the faults of its post office."""

    def __init__(self, office: PostOffice, **options: Any) -> None:  # noqa: ANN401  aiosmtpd's
        """Keep the office."""
        self.office = office
        self._greeted = False
        super().__init__(office, **options)

    @property
    def _wire(self) -> Any:  # noqa: ANN401  aiosmtpd calls it any transport or none
        return self.transport

    async def push(self, status: str | bytes) -> None:
        """Send a reply; the first one of a connection is the greeting."""
        if not self._greeted:
            self._greeted = True
            if await self._fails("connect"):
                self._wire.close()
                return
        await super().push(status)  # type: ignore[type-var]

    async def _fails(self, stage: str) -> bool:
        """Do what is to go wrong at this stage; return whether anything did."""
        if self.office.delay:
            await asyncio.sleep(self.office.delay)
        action = self.office.next_fault(stage)
        if action is None:
            return False
        if action == HANG:
            await asyncio.sleep(60)
        elif action == DROP:
            self._wire.abort()
        else:
            await super().push(action)
            if action.startswith("421"):
                self._wire.close()
        return True

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        """Answer EHLO."""
        if not await self._fails("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        """Answer AUTH."""
        if not await self._fails("AUTH"):
            await super().smtp_AUTH(arg)

    async def auth_XOAUTH2(self, _: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """Check a token as Google and Microsoft do: a reason first, then the refusal."""
        said = base64.b64decode(args[1])
        if said == f"user={USER}\x01auth=Bearer {TOKEN}\x01\x01".encode():
            return AuthResult(success=True, handled=False, auth_data=said)
        await super().push("334 " + base64.b64encode(b'{"status":"400"}').decode())
        assert (await self._reader.readline()).strip() == b""
        return AuthResult(success=False, handled=False)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        """Answer MAIL."""
        if not await self._fails("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        """Answer RCPT."""
        if not await self._fails("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        """Answer RSET."""
        if not await self._fails("RSET"):
            await super().smtp_RSET(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Answer DATA."""
        if not await self._fails("DATA"):
            await super().smtp_DATA(arg)


class PostOffice:
    """A server that keeps what it takes, and fails as it is told."""

    def __init__(self, security: Security | None, authority: trustme.CA, host: str) -> None:
        """Be ready to serve; ``security`` None is for a server without encryption."""
        self.received: list[bytes] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.logins: list[str] = []
        self.faults: dict[str, list[str]] = defaultdict(list)
        self.always: dict[str, str] = {}
        self.delay = 0.0
        self.most_bytes = 33_000_000
        self.security = security
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(context)
        self._context = context
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port: int = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()

    async def _open(self) -> int:
        implicit = self.security is Security.TLS
        self._server = await self._loop.create_server(
            self._converse, "127.0.0.1", 0, ssl=self._context if implicit else None
        )
        return int(self._server.sockets[0].getsockname()[1])

    def _converse(self) -> Session:
        starts = self.security is Security.STARTTLS
        return Session(
            self,
            hostname="post.example.org",
            ident="tests",
            data_size_limit=self.most_bytes,
            authenticator=self._check,
            auth_required=starts,  # aiosmtpd knows no login before MAIL without STARTTLS
            auth_require_tls=starts,
            tls_context=self._context if starts else None,
            require_starttls=starts,
            loop=self._loop,
        )

    def close(self) -> None:
        """Let everybody go."""

        async def end() -> None:
            self._server.close()
            others = asyncio.all_tasks(self._loop) - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _check(self, _s: Any, _i: Any, _e: Any, kind: str, data: LoginPassword) -> AuthResult:  # noqa: ANN401
        sound = data.login == USER.encode() and data.password == PASSWORD.encode()
        self.logins.append(kind)
        return AuthResult(success=sound, handled=False)

    def next_fault(self, stage: str) -> str | None:
        """Return what goes wrong now, and forget it unless it always does."""
        if self.faults[stage]:
            return self.faults[stage].pop(0) or None
        return self.always.get(stage)

    async def handle_DATA(self, server: Session, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802
        """Take a message."""
        if self.delay:
            await asyncio.sleep(self.delay)
        action = self.next_fault("text")
        if action in (None, DROP_AFTER):
            self.received.append(bytes(envelope.content))
            self.envelopes.append((envelope.mail_from, [*envelope.rcpt_tos]))
        if action in (DROP, DROP_AFTER):
            server._wire.abort()  # noqa: SLF001
            return "250 nobody hears this"
        if action == HANG:
            await asyncio.sleep(60)
        return action or "250 OK taken"

    def messages(self) -> list[EmailMessage]:
        """Return what was taken, as a mail program reads it."""
        return [BytesParser(policy=policy.SMTP).parsebytes(data) for data in self.received]

    def count_ids(self) -> Counter[str]:
        """Return how often each Message-ID was taken."""
        return Counter(str(message["Message-ID"]) for message in self.messages())


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[trustme.CA]:
    """Return who signs the tests' certificates; Python trusts it as long as the tests run."""
    made = trustme.CA()
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    made.cert_pem.write_to_path(str(file))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(file))
        yield made


@pytest.fixture
def open_office(authority: trustme.CA) -> Iterator[Callable[..., PostOffice]]:
    """Return a function that opens a mail server."""
    offices: list[PostOffice] = []

    def open_one(security: Security | None = Security.TLS, host: str = "localhost") -> PostOffice:
        offices.append(PostOffice(security, authority, host))
        return offices[-1]

    yield open_one
    for office in offices:
        office.close()


@pytest.fixture
def office(open_office: Callable[..., PostOffice]) -> PostOffice:
    """Return a mail server that takes everything, encrypted from the start."""
    return open_office()


def _server_of(office: PostOffice, **changed: Any) -> Server:  # noqa: ANN401  any field
    """Return the settings for a test's server."""
    fields: dict[str, Any] = {
        "host": "localhost",
        "port": office.port,
        "security": office.security or Security.TLS,
        "login": Login.PASSWORD,
        "user": USER,
        "sender": USER,
    }
    return Server(**{**fields, **changed})


@pytest.fixture(scope="session", name="server_of")
def server_of_fixture() -> Callable[..., Any]:
    """Return a function that returns the settings for a test's server."""
    return _server_of


@cache
def _compose_one() -> bytes:
    letter = Letter("Your exercises", "Hello,\n.\nHere they are.\n", "<p>Hello</p>\n", "en")
    attachment = Attachment("Plan.pdf", b"%PDF-1.7 " + b"1234567890" * 200)
    people = Person("Ann", USER), Person("Client", "client@example.net")
    return compose(Meant(letter, *people, attachment, datetime.now(UTC), "0" * 64))


def _make_draft(number: int = 0, *, client: str | None = None, campaign: str = "plan") -> Draft:
    """Return a small message to a client of this number."""
    client = client or f"client{number}"
    name = name_message(client, hash_pdf(str(number).encode()), campaign)
    return Draft(
        name=name,
        client=client,
        campaign=campaign,
        pdf=hash_pdf(str(number).encode()),
        copy=0,
        sender=USER,
        recipient=f"{client}@example.net",
        subject="Your exercises",
        attachment="Plan.pdf",
        message_id=f"<{name[:40]}@example.org>",
        data=_compose_one().replace(b"0" * 40, name[:40].encode(), 1),
    )


@pytest.fixture(scope="session", name="make_draft")
def make_draft_fixture() -> Callable[..., Any]:
    """Return a function that returns a small message to a client of this number."""
    return _make_draft


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """Return an empty ledger."""
    with Outbox(tmp_path / "outbox.sqlite") as made:
        yield made


@pytest.fixture
def send(outbox: Outbox, office: PostOffice) -> Callable[..., Tally]:
    """Return a function that sends what waits in the ledger to the test's server."""

    def send(*names: str, later: float = 0, **changed: Any) -> Tally:  # noqa: ANN401  any field
        server = _server_of(office, **changed)
        waiting = names or [entry.name for entry in outbox.list_all()]
        return send_waiting(
            outbox,
            server,
            lambda: open_connection(server, PASSWORD, QUICK),
            waiting,
            clock=lambda: time.time() + later,
        )

    return send
