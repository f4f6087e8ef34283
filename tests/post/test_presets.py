"""The settings and what is known of a provider make a server."""

from __future__ import annotations

from typing import Any

import pytest

from handouts.model.mail import Login, MailSettings, Provider, Security
from handouts.model.settings import Trainer
from handouts.post.presets import PRESETS, Server, find_server
from handouts.problem import HandoutError


def find(email: str | None = "ann@example.org", **mail: Any) -> Server:  # noqa: ANN401  any key
    return find_server(MailSettings(**mail), Trainer(email=email))


def test_a_known_address_is_enough() -> None:
    server = find("ann@googlemail.com")
    assert (server.host, server.port, server.security) == ("smtp.gmail.com", 465, Security.TLS)
    assert (server.user, server.per_day, server.label) == ("ann@googlemail.com", 500, "Gmail")
    assert server.account == "ann@googlemail.com@smtp.gmail.com"


@pytest.mark.parametrize("provider", Provider)
def test_every_provider_has_a_server_limits_and_advice(provider: Provider) -> None:
    assert set(PRESETS) == set(Provider)
    server = find(provider=provider)
    assert server.host
    assert server.port == {Security.TLS: 465, Security.STARTTLS: 587}[server.security]
    assert server.per_day
    assert 20_000_000 <= server.most_bytes <= 25_000_000
    assert len(server.advice) > 40
    assert server.login is (
        Login.XOAUTH2
        if "outlook" in server.host + server.label.lower() or "365" in server.label
        else Login.PASSWORD
    )


@pytest.mark.parametrize(
    ("mail", "port", "security"),
    [
        ({}, 465, Security.TLS),
        ({"port": 587}, 587, Security.STARTTLS),
        ({"port": 465}, 465, Security.TLS),
        ({"port": 2525}, 2525, Security.TLS),
        ({"security": "starttls"}, 587, Security.STARTTLS),
        ({"port": 2525, "security": "starttls"}, 2525, Security.STARTTLS),
    ],
)
def test_port_and_security_follow_from_each_other(
    mail: dict[str, Any], port: int, security: Security
) -> None:
    server = find(host="mail.example.org", **mail)
    assert (server.port, server.security) == (port, security)


def test_the_settings_win_over_the_provider() -> None:
    server = find(
        provider="gmail",
        sender="info@example.org",
        user="ann",
        per_day=9,
        per_hour=3,
        most_megabytes=10,
        token_command="token",  # noqa: S106  a command
    )
    assert (server.user, server.sender) == ("ann", "info@example.org")
    assert (server.per_day, server.per_hour, server.most_bytes) == (9, 3, 10_000_000)
    assert server.login is Login.XOAUTH2


def test_the_host_of_a_provider_brings_its_limits() -> None:
    assert find(host="SMTP.gmail.com").per_day == 500


@pytest.mark.parametrize(
    ("email", "code"),
    [(None, "no-sender"), ("ann@example.org", "no-mail-server"), ("a@b.c, d@e.f", "bad-email")],
)
def test_what_is_missing_is_said(email: str | None, code: str) -> None:
    with pytest.raises(HandoutError) as caught:
        find(email)
    (problem,) = caught.value.report
    assert problem.code == code
    assert problem.hint
