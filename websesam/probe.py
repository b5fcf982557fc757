"""Asks the portal how it is, for a container's health check: `python -m websesam.probe http://127.0.0.1:8000/healthz`."""

import http.client
import os
import sys
from urllib.parse import urlsplit


def is_well(url: str, host: str, timeout: float = 4) -> bool:
    """Whether the address answers 200 within `timeout` seconds; `host` is the name that the portal goes by, since it refuses others."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=timeout)
    try:
        connection.request("GET", parts.path, headers={"Host": host})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    names = [name.strip().lstrip(".*") for name in os.environ.get("ALLOWED_HOSTS", "").split(",")]
    sys.exit(0 if is_well(sys.argv[1], names[0] or "localhost") else 1)
