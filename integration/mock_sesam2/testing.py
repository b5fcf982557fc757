"""The stand-in in a thread, for the test suite: real HTTP on a free port."""

import http.client
import json
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from integration.mock_sesam2.app import App
from integration.mock_sesam2.config import Config


class MockSesam2:
    """`with MockSesam2(live_server.url) as sesam2:` – at `sesam2.url` until the block ends.

    What is not given is as in the demo. `speed` 1 takes minutes for an order's life; 100 a second.
    """

    def __init__(
        self,
        portal_url: str = "http://127.0.0.1:1",
        *,
        keys: dict[str, str] | None = None,
        key_id: str = "",
        speed: float = 1.0,
        db: Path | str = ":memory:",
        port: int = 0,
        own_gln: str = "",
        portal_gln: str = "",
    ) -> None:
        default = Config()
        self.config = Config(
            host="127.0.0.1",
            port=port,
            db=str(db),
            speed=speed,
            portal_url=portal_url.rstrip("/"),
            keys=keys or default.keys,
            key_id=key_id or default.key_id,
            own_gln=own_gln or default.own_gln,
            portal_gln=portal_gln or default.portal_gln,
        )
        self._app: App | None = None

    @property
    def url(self) -> str:
        """Where it answers; stays the same when it is stopped and started again."""
        return f"http://127.0.0.1:{self.config.port}"

    @property
    def portal_url(self) -> str:
        """Where it sends; may be set while it runs."""
        return self.config.portal_url

    @portal_url.setter
    def portal_url(self, value: str) -> None:
        self.config.portal_url = value.rstrip("/")

    def start(self) -> Self:
        app = App(self.config)
        self.config.port = app.server.server_address[1]
        app.start()
        self._app = app
        return self

    def stop(self) -> None:
        """Stop it, if it runs; with a `db` file, `start()` goes on where it was."""
        if self._app:
            self._app.stop()
            self._app = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def control(self, **switches: Any) -> dict[str, Any]:
        """POST /_control, such as `control(fail={"status": 503, "times": 3})`. Raises ValueError with its text when it is refused."""
        return self._ask("POST", "/_control", json.dumps(switches).encode())

    def send(self, message_type: str, subject: str, body: dict[str, Any], **more: Any) -> str:
        """Make it say something; returns the messageId. `sequence=` and `unchecked=True` break the rules."""
        return str(self.control(send={"messageType": message_type, "subject": subject, "body": body, **more})["messageId"])

    def reset(self) -> None:
        """Forget everything and behave."""
        self.control(reset=True)

    def state(self) -> dict[str, Any]:
        """GET /_control/state."""
        return self._ask("GET", "/_control/state", b"")

    def _ask(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.config.port, timeout=10)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", "Connection": "close"})
            response = connection.getresponse()
            content = response.read().decode()
        finally:
            connection.close()
        if response.status != 200:
            raise ValueError(f"{response.status}: {content}")
        answer: dict[str, Any] = json.loads(content)
        return answer

    @property
    def received(self) -> list[dict[str, Any]]:
        """The envelopes that it has stored, in their order."""
        return list(self.state()["received"])

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The envelopes that the portal has acknowledged, in that order."""
        return list(self.state()["sent"])

    def wait_for(self, condition: Callable[["MockSesam2"], Any], seconds: float = 10.0) -> Any:
        """The first true answer of `condition(self)`. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            answer = condition(self)
            if answer:
                return answer
            if time.monotonic() > deadline:
                raise TimeoutError("the stand-in did not get there")
            time.sleep(0.02)
