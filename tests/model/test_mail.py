"""The mail settings take what a server needs, and nothing that could be two things."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from handouts.model.mail import MailSettings, encode_domain


@pytest.mark.parametrize(
    ("domain", "encoded"),
    [
        ("example.org", "example.org"),
        ("r3---sn.example.org", "r3---sn.example.org"),  # exists, though IDNA would not make it
        ("Bücher.example", "xn--bcher-kva.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("straße.de", "xn--strae-oqa.de"),  # IDNA 2008; 2003 would mean another domain
        ("a_b.org", None),
        ("-a.org", None),
        ("a..org", None),
        ("b" * 64 + ".org", None),
        ("a\u202eb.org", None),
        ("", None),
    ],
)
def test_a_domain_as_mail_servers_know_it(domain: str, encoded: str | None) -> None:
    assert encode_domain(domain) == encoded


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "mail.example.org:465/x"},
        {"host": "mail.example.org\nx"},
        {"host": ""},
        {"port": 0},
        {"port": 65536},
        {"security": "none"},
        {"security": "plain"},
        {"sender": "a@b.org, c@d.org"},
        {"reply_to": "Ann <a@b.org>"},
        {"per_hour": 0},
        {"most_megabytes": 1000},
        {"password": "hunter2"},
    ],
)
def test_what_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MailSettings(**wrong)
