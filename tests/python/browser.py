"""A headless Chromium, spoken to through its debugging pipe: what a page does once it is shown."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
"""Path of the browser, None where none is installed."""

SMALLEST_TEXT_PX = 12
"""What any text may shrink to on a phone of 390 pixels, the labels of charts too."""

_TIMEOUT_S = 120
_FREE_FD = 20
"""Where the pipes are put, clear of the 3 and 4 that the browser wants them on."""


class Browser:
    """One tab. `requests` are the addresses it asked for, `complaints` what it had to say."""

    def __init__(self, send: int, receive: int) -> None:
        self._send, self._receive = send, receive
        self._buffer = b""
        self._calls = 0
        self._session: str | None = None
        self.requests: list[str] = []
        self.complaints: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol, and return its result."""
        self._calls += 1
        message = {"id": self._calls, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._send, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._calls:
            self._note(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def show(self, page: Path, width: int, height: int = 900, scheme: str = "light") -> None:
        """Load a page in a window of so many CSS pixels."""
        self.requests, self.complaints = [], []
        self.call(
            "Emulation.setDeviceMetricsOverride",
            **{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        self.call("Page.navigate", url=page.resolve().as_uri())
        while (event := self._next()).get("method") != "Page.loadEventFired":
            self._note(event)
        self.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def screenshot(self, path: Path) -> None:
        """Save the whole page, however long, as PNG."""
        image = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(image["data"]))

    def _note(self, event: dict[str, Any]) -> None:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            self.complaints.append(json.dumps(parameters))

    def _next(self) -> dict[str, Any]:
        ends_at = time.monotonic() + _TIMEOUT_S
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._receive], [], [], max(0, ends_at - time.monotonic()))
            assert ready, "the browser does not answer"
            read = os.read(self._receive, 1 << 20)
            assert read, "the browser has ended"
            self._buffer += read
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)


def faults(tab: Browser, page: Path, width: int, scheme: str) -> set[str]:
    """What is wrong with a page as it is shown."""
    tab.show(page, width, scheme=scheme)
    tab.evaluate("document.querySelectorAll('details').forEach(list => list.open = true)")
    found = set()
    if tab.complaints:
        found.add("complains")
    if tab.requests != [page.as_uri()]:
        found.add("asks")
    if tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.add("scrolls sideways")
    sizes = tab.evaluate(
        "[...document.body.querySelectorAll('*')].filter(element => "
        "  [...element.childNodes].some(node => node.nodeType == 3 && node.data.trim())"
        ").map(element => {"
        "  const svg = element.closest('svg');"
        "  const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;"
        "  return scale * parseFloat(getComputedStyle(element).fontSize)})"
    )
    if not sizes or min(sizes) < SMALLEST_TEXT_PX:
        found.add("is too small to read")
    beyond = tab.evaluate(
        "[...document.querySelectorAll('svg text')].filter(text => {"
        "  const own = text.getBoundingClientRect();"
        "  const all = text.closest('svg').getBoundingClientRect();"
        "  return own.left < all.left - 1 || own.right > all.right + 1}).length"
    )
    if beyond:
        found.add("is cut off")
    return found


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Start Chromium with an empty profile, and end it afterwards."""
    its_input, send = _pipe()
    receive, its_output = _pipe()
    process = subprocess.Popen(
        [
            "bash",
            "-c",
            f'exec "$@" 3<&{its_input} 4>&{its_output}',
            "bash",
            CHROMIUM,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
        ],
        pass_fds=(its_input, its_output),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(its_input)
    os.close(its_output)
    try:
        yield Browser(send, receive)
    finally:
        process.terminate()
        process.wait(timeout=30)
        os.close(send)
        os.close(receive)


def _pipe() -> tuple[int, int]:
    """A pipe's ends to read from and to write to."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _FREE_FD) for end in ends]
    for end in ends:
        os.close(end)
    return moved[0], moved[1]
