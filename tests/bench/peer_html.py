"""Turn the original into PDFs with plain WeasyPrint, or with a headless Chromium, one a client."""

from __future__ import annotations

import base64
import itertools
import json
import logging
import os
import re
import shutil
import subprocess
import tempfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.bench.contest import Result, measure, own_peak, read_arguments, say
from tests.bench.original import NAME, load_original

if TYPE_CHECKING:
    from types import TracebackType

    from tests.bench.original import Original

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Without its sandbox, which a container's root cannot have; it prints nothing but our own page.
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--generate-pdf-document-outline"),
)
_FOOT = """
@page {{
  font-family: "Atkinson Hyperlegible Next"; font-size: 12pt; color: #16191c;
  @bottom-left {{ content: "{title} · For {name} · {trainer}"; white-space: nowrap }}
  @bottom-right {{ content: "Page " counter(page) " of " counter(pages); white-space: nowrap }}
}}
.sheet + .sheet {{ break-before: page }}
"""


def write_page(original: Original) -> str:
    """Return the whole booklet as one page of HTML, with a mark where the name goes."""
    foot = _FOOT.format(title=original.title, name=NAME, trainer=original.trainer)
    sheets = "\n".join(f'<section class="sheet">{body}</section>' for body in original.html)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(original.title)} – {NAME}</title>"
        f'<style>{original.css}</style><style id="foot">{foot}</style></head>\n'
        f"<body>{sheets}</body></html>"
    )


# ── WeasyPrint ───────────────────────────────────────────────────────────────────────────────────


def measure_weasyprint(original: Original, output: Path, count: int) -> Result:
    """Render the whole page for each client, with one font configuration for all."""
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    page, fonts = write_page(original), FontConfiguration()

    def make(name: str) -> bytes:
        document = weasyprint.HTML(string=page.replace(NAME, escape(name)))
        made: bytes = document.write_pdf(font_config=fonts, pdf_variant="pdf/ua-1")
        return made

    made, seconds = measure(make, output, count)
    return Result(made, seconds, own_peak(), weasyprint.__version__)


# ── Chromium ─────────────────────────────────────────────────────────────────────────────────────


def find_browser() -> str | None:
    """Return the browser's command, None where there is none."""
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


class Browser:
    """A headless browser that stays open, spoken to through its debugging pipe."""

    def __init__(self, command: str, folder: Path) -> None:
        """Start it with an empty profile in the folder."""
        inward, self._ask = os.pipe()
        self._answer, outward = os.pipe()
        # The pipe's ends are to be file descriptors 3 and 4 of the browser.
        started = f'exec 3<&{inward} 4>&{outward}; exec "$@"'
        flags = [*_FLAGS, "--remote-debugging-pipe", f"--user-data-dir={folder}"]
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", started, "sh", command, *flags],
            pass_fds=(inward, outward),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        os.close(inward)
        os.close(outward)
        self._numbers, self._read, self._session = itertools.count(1), b"", ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the answer to a command of the DevTools protocol."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._ask, data) :]
        while True:
            answer = self._receive()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            data = os.read(self._answer, 1 << 20)
            if not data:
                raise RuntimeError("the browser has gone")
            self._read += data
        line, _, self._read = self._read.partition(b"\0")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401
        """Return what the expression is in the page; waits for a promise."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the browser; whatever it has started goes with it."""
        self._session = ""
        try:
            self.call("Browser.close")
            self.process.wait(10)
        except (RuntimeError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


def measure_chromium(original: Original, output: Path, count: int) -> Result:
    """Load the page once; for each client, put the name in its places and print.

    The browser stays open and the page stays loaded: the kindest way that we know.
    """
    command = find_browser()
    if command is None:
        raise SystemExit("there is no Chromium")
    page = write_page(original)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "page.html"
        file.write_text(page, encoding="utf-8")
        with Browser(command, Path(folder) / "profile") as browser:
            version = browser.call("Browser.getVersion")["product"].replace("/", " ")
            browser.call("Page.enable")
            browser.call("Page.navigate", url=file.as_uri())
            browser.evaluate(_READY)
            browser.evaluate(_PREPARE % {"mark": json.dumps(NAME)})

            def make(name: str) -> bytes:
                browser.evaluate(f"fill({json.dumps(name)})")
                printed = browser.call(
                    "Page.printToPDF",
                    printBackground=True,
                    preferCSSPageSize=True,
                    generateTaggedPDF=True,
                    generateDocumentOutline=True,
                )
                return base64.b64decode(printed["data"])

            made, seconds = measure(make, output, count)
            peak = own_peak() + _tree_peak(browser.process.pid)
    return Result(made, seconds, peak, version.rpartition(" ")[2])


def measure_command(original: Original, output: Path, count: int) -> Result:
    """Start a browser for each client, as ``chromium --headless --print-to-pdf`` does."""
    command = find_browser()
    if command is None:
        raise SystemExit("there is no Chromium")
    page = write_page(original)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file, printed = Path(folder) / "page.html", Path(folder) / "page.pdf"
        profile = f"--user-data-dir={folder}/profile"
        flags = [*_FLAGS, profile, "--no-pdf-header-footer", f"--print-to-pdf={printed}"]

        def make(name: str) -> bytes:
            file.write_text(page.replace(NAME, escape(name)), encoding="utf-8")
            subprocess.run([command, *flags, file.as_uri()], check=True, capture_output=True)
            return printed.read_bytes()

        made, seconds = measure(make, output, count)
    told = subprocess.run([command, "--version"], check=True, capture_output=True, text=True)
    found = re.search(r"[\d.]+", told.stdout)
    return Result(made, seconds, 0.0, found[0] if found else "")


_READY = """
new Promise((done) => {
  const look = () => document.readyState === "complete" && document.body
    ? document.fonts.ready.then(() => done(true)) : setTimeout(look, 20);
  look();
})
"""
_PREPARE = """
(() => {
  const mark = %(mark)s;
  const foot = document.getElementById("foot"), style = foot.textContent;
  const title = document.title;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const places = [];
  while (walker.nextNode()) {
    if (walker.currentNode.data.includes(mark)) places.push(walker.currentNode);
  }
  window.fill = (name) => {
    foot.textContent = style.replaceAll(mark, name);
    document.title = title.replaceAll(mark, name);
    for (const place of places) place.data = name;
  };
})()
"""


def _tree_peak(root: int) -> float:
    """Return the sum of the largest resident memories of a process and all that it has started.

    What they share is counted for each: it is an upper bound (Linux only; elsewhere 0).
    """
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    family, kilobytes = {root}, 0
    for _ in range(5):
        family |= {child for child, parent in parents.items() if parent in family}
    for member in family:
        try:
            text = Path(f"/proc/{member}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        found = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
        kilobytes += int(found[1]) if found else 0
    return kilobytes / 1024


def main() -> None:
    """Run one of the two."""
    told = read_arguments()
    ways = {
        "weasyprint": measure_weasyprint,
        "chromium": measure_chromium,
        "chromium-command": measure_command,
    }
    say(ways[told.way](load_original(told.original), told.output, told.count))


if __name__ == "__main__":
    main()
