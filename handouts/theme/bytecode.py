"""Turn a template's text into the code that an earlier run has made of it, or into nothing.

The code would run: so it is taken only from a file that nobody but this user can have written, and
only as it was written. Where the system cannot say whose a file is, it is made anew each time.
"""

from __future__ import annotations

import marshal
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

from handouts import __version__
from handouts.cache import fingerprint, read_cached, write_cached

if TYPE_CHECKING:
    from jinja2 import Environment


class CodeShelf(BytecodeCache):
    """Keeps the code of templates, each under a hash of all that it depends on."""

    def get_bucket(
        self, environment: Environment, name: str, filename: str | None, source: str
    ) -> Bucket:
        """Return the place of a template's code, with the code if it is there."""
        # Which filters there are is looked at when a template is compiled, not what they do; and
        # not at those that it never names, which come and go with the kind of page.
        known = " ".join(sorted(name for name in environment.filters if name in source))
        key = fingerprint([_describe_compiler(), known, name, filename or "", source])
        bucket = Bucket(environment, key, key)
        self.load_bytecode(bucket)
        return bucket

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code from the cache, if it is whole and our own."""
        data = read_cached(_name(bucket.key), own=True) or b""
        digest, code = data[: sha256().digest_size], data[sha256().digest_size :]
        if code and digest == _seal(bucket.key, code):
            found = marshal.loads(code)  # noqa: S302  only we can have written it
            if isinstance(found, CodeType):
                bucket.code = found

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code for the next run."""
        code = marshal.dumps(bucket.code)
        write_cached(_name(bucket.key), _seal(bucket.key, code) + code)


def _name(key: str) -> str:
    return f"templates/{key}.code"


def _seal(key: str, code: bytes) -> bytes:
    return sha256(key.encode() + code).digest()


@cache
def _describe_compiler() -> str:
    """Return a hash of what makes code of templates; a checkout changes without its version."""
    environment = Path(__file__).with_name("environment.py").read_bytes()
    return fingerprint([__version__, jinja2.__version__, sys.version, environment])
