"""What goes wrong in a browser while nobody looks."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# The page that asked is gone: a search or an update under way when one went on.
ABORTED = "net::ERR_ABORTED"


class Watch:
    """Notes what a browser complains of. `expected`: statuses of pages that the test opens on purpose; `is_cut`: the test cuts the network."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url = context, url
        self.expected: set[int] = set()
        self.is_cut = False
        self._problems: list[tuple[int, str]] = []
        context.on("console", self._console)
        context.on("weberror", self._exception)
        context.on("requestfailed", self._failed)
        context.on("request", self._request)
        context.on("response", self._response)

    def close(self) -> list[str]:
        """Close the browser; what it complained of."""
        self.context.close()
        return [text for status, text in self._problems if status not in self.expected]

    def _note(self, text: str, status: int = 0) -> None:
        self._problems.append((status, text))

    def _console(self, message: ConsoleMessage) -> None:
        # Of a status the response tells more.
        if self.is_cut and "net::ERR_" in message.text:
            return
        if message.type in {"error", "warning"} and "the server responded with a status of" not in message.text:
            self._note(f"console: {message.text} ({message.location.get('url')})")

    def _exception(self, error: WebError) -> None:
        self._note(f"exception: {error.error}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:", "blob:")):
            self._note(f"left this machine: {request.url}")

    def _failed(self, request: Request) -> None:
        if self.is_cut:
            return
        if request.failure != ABORTED or request.resource_type not in {"fetch", "xhr", "document"}:
            self._note(f"failed: {request.method} {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self._note(f"{response.status}: {response.request.method} {response.url}", response.status)
