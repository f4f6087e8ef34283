"""Turn the settings and what is known of a provider into the server to use, and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handouts.model.mail import Login, Provider, Security
from handouts.post.address import check_address
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from handouts.model.mail import MailSettings
    from handouts.model.settings import Trainer

_MEGABYTE = 1_000_000
_PORTS = {Security.TLS: 465, Security.STARTTLS: 587}


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known of a provider's server; providers change it, and settings win over it."""

    label: str
    host: str
    security: Security
    login: Login
    per_day: int
    advice: str
    """What to do where it does not let you in."""
    domains: tuple[str, ...] = ()
    megabytes: int = 25
    pause: float = 0
    """Seconds between two messages."""


PRESETS = {
    # https://support.google.com/mail/answer/22839, https://support.google.com/accounts/answer/185833
    Provider.GMAIL: Preset(
        "Gmail",
        "smtp.gmail.com",
        Security.TLS,
        Login.PASSWORD,
        500,
        "Google takes no account password here: turn on 2-Step Verification, make an app password "
        "at https://myaccount.google.com/apppasswords and use that; Google Workspace takes "
        'login = "xoauth2" too, and 2,000 messages a day',
        ("gmail.com", "googlemail.com"),
    ),
    # New accounts get less: https://support.microsoft.com/office/279ee200-594c-40f0-9ec8-bb6af7735c2e
    Provider.OUTLOOK: Preset(
        "Outlook.com",
        "smtp-mail.outlook.com",
        Security.STARTTLS,
        Login.XOAUTH2,
        300,
        "Outlook.com takes no password from programs, only a token: set token_command, or make "
        "drafts with --drafts and send them from Outlook",
        ("outlook.com", "hotmail.com", "live.com", "msn.com"),
    ),
    # https://learn.microsoft.com/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365
    Provider.MICROSOFT365: Preset(
        "Microsoft 365",
        "smtp.office365.com",
        Security.STARTTLS,
        Login.XOAUTH2,
        10_000,
        "Microsoft 365 is giving up passwords: set token_command; your administrator must allow "
        '"Authenticated SMTP" for the mailbox; or make drafts with --drafts',
        pause=2.0,  # 30 messages a minute
    ),
    # https://support.apple.com/102198, https://support.apple.com/102525, https://support.apple.com/102654
    Provider.ICLOUD: Preset(
        "iCloud",
        "smtp.mail.me.com",
        Security.STARTTLS,
        Login.PASSWORD,
        1000,
        "Apple takes no account password here: make an app-specific password at "
        "https://account.apple.com under Sign-In and Security",
        ("icloud.com", "me.com", "mac.com"),
        megabytes=20,
    ),
    # https://www.fastmail.help/hc/articles/1500000278342; limits go by the plan, ours is cautious.
    Provider.FASTMAIL: Preset(
        "Fastmail",
        "smtp.fastmail.com",
        Security.TLS,
        Login.PASSWORD,
        1000,
        "Fastmail takes an app password only: make one under Settings, Privacy & Security, "
        "Manage app passwords, with access to SMTP",
        ("fastmail.com", "fastmail.fm"),
    ),
}


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over, as whom, and how much of it."""

    host: str
    port: int
    security: Security
    login: Login
    user: str
    sender: str
    """Address that mail comes from."""
    label: str = ""
    """The provider's name."""
    advice: str = ""
    per_hour: int | None = None
    per_day: int | None = None
    most_bytes: int = 25 * _MEGABYTE
    pause: float = 0
    token_command: str | None = None
    password_file: str | None = None
    plain_loopback: bool = False
    """Do without encryption, on this very machine only."""

    @property
    def account(self) -> str:
        """Whose limits count: the ledger's word for it."""
        return f"{self.user}@{self.host}"

    def __str__(self) -> str:
        """Return ``smtp.gmail.com:465``."""
        return f"{self.host}:{self.port}"


def find_sender(settings: MailSettings, trainer: Trainer) -> str:
    """Return the address that mail comes from, with its domain in ASCII.

    Raises:
        HandoutError: ``no-sender``, or ``bad-email``.
    """
    if settings.sender:
        return check_address(settings.sender, "mail.sender")
    if trainer.email:
        return check_address(trainer.email, "trainer.email")
    raise HandoutError.of(
        "no-sender",
        "it is not known whom mail should come from",
        hint='write your address into handouts.toml: [trainer] email = "ann@example.org"',
    )


def find_server(
    settings: MailSettings, trainer: Trainer, *, plain_loopback: bool = False
) -> Server:
    """Return the server for the sender, with everything that the settings leave out filled in.

    Raises:
        HandoutError: ``no-mail-server``, ``no-sender`` or ``bad-email``.
    """
    sender = find_sender(settings, trainer)
    preset = _find_preset(settings, sender)
    if preset is None and settings.host is None:
        names = ", ".join(Provider)
        raise HandoutError.of(
            "no-mail-server",
            f"it is not known which server takes mail from {sender}",
            hint=f'write into handouts.toml: [mail] provider = "…" ({names}) or host = "…"; '
            "without a server, --drafts makes files for your mail program",
        )
    security = settings.security or _guess_security(settings.port, preset)
    login = settings.login or (preset.login if preset else Login.PASSWORD)
    if settings.login is None and settings.token_command:
        login = Login.XOAUTH2
    megabytes = settings.most_megabytes or (preset.megabytes if preset else 25)
    return Server(
        host=settings.host or (preset.host if preset else ""),
        port=settings.port or _PORTS[security],
        security=security,
        login=login,
        user=settings.user or sender,
        sender=sender,
        label=preset.label if preset else "",
        advice=preset.advice if preset else "",
        per_hour=settings.per_hour,
        per_day=settings.per_day or (preset.per_day if preset else None),
        most_bytes=megabytes * _MEGABYTE,
        pause=preset.pause if preset else 0,
        token_command=settings.token_command,
        password_file=settings.password_file,
        plain_loopback=plain_loopback,
    )


def _find_preset(settings: MailSettings, sender: str) -> Preset | None:
    if settings.provider:
        return PRESETS[settings.provider]
    if settings.host:
        return next((row for row in PRESETS.values() if row.host == settings.host.lower()), None)
    domain = sender.rpartition("@")[2]
    return next((row for row in PRESETS.values() if domain in row.domains), None)


def _guess_security(port: int | None, preset: Preset | None) -> Security:
    by_port = {number: security for security, number in _PORTS.items()}
    if port in by_port:
        return by_port[port]
    return preset.security if preset else Security.TLS
