"""`python -m integration.mock_sesam2`, and the door that the management command uses."""

import argparse
import logging
import math
import os
import signal
import sys
import threading
from pathlib import Path

from integration.mock_sesam2.app import App
from integration.mock_sesam2.config import Config


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The same options for both ways to start."""
    default = Config.from_environment()
    parser.add_argument("--host", default=default.host)
    parser.add_argument("--port", type=int, default=int(os.environ.get("MOCK_PORT") or default.port), help="0 takes a free one")
    parser.add_argument("--db", default=default.db, help="SQLite file; what is there is found again after a restart (default: memory)")
    parser.add_argument("--speed", type=_speed, default=default.speed, help="10 makes every life ten times as quick")
    parser.add_argument("--portal-url", default=default.portal_url, help="also PORTAL_URL")


def run(*, host: str, port: int, db: str, speed: float, portal_url: str) -> int:
    """Run until SIGINT or SIGTERM. Returns the exit code; what cannot be is one line on stderr."""
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), format="%(asctime)s mock_sesam2 %(levelname)s %(message)s", stream=sys.stderr)
    config = Config.from_environment()
    config.host, config.port, config.db, config.speed, config.portal_url = host, port, db, speed, portal_url.rstrip("/")
    stop = threading.Event()
    try:
        if db != ":memory:":
            Path(db).parent.mkdir(parents=True, exist_ok=True)
        app = App(config)
    except (OSError, OverflowError, ValueError) as error:
        sys.stderr.write(f"mock_sesam2: {host}:{port}: {error}\n")
        return 1
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    app.start()
    logging.getLogger("mock_sesam2").info("answers on %s, sends to %s, speed %g", app.url, config.portal_url, config.speed)
    stop.wait()
    app.stop()
    return 0


def _speed(value: str) -> float:
    speed = float(value)
    if not math.isfinite(speed) or speed <= 0:
        raise argparse.ArgumentTypeError("must be a number above 0")
    return speed


def main() -> int:
    parser = argparse.ArgumentParser(prog="mock_sesam2", description="A stand-in for SESAM2 (docs/sesam2/README.md).")
    add_arguments(parser)
    return run(**vars(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
