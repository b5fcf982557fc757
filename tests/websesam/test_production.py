"""Production refuses to start with what belongs to the demo, or in clear text."""

import os
import subprocess
import sys

import pytest

GOOD = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "k" * 50,
    "ALLOWED_HOSTS": "websesam.example",
    "DATABASE_URL": "postgres://websesam@db.example/websesam",
    "REDIS_URL": "redis://redis.example/0",
    "SESAM2_URL": "https://sesam2.example",
    "SESAM2_KEYS": "portal=a-secret-of-our-own",
    "SESAM2_KEY_ID": "portal",
    "PORTAL_GLN": "7359999900031",
    "SESAM2_GLN": "7359999900017",
}


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "from websesam import settings as s; print(s.DEBUG, s.PERSONAS_ENABLED, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT)"],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_with_everything_set_it_starts_closed() -> None:
    done = start(GOOD)
    assert (done.returncode, done.stdout.strip()) == (0, "False False True True")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "demo-and-test-only-never-in-production-0123456789abcdef"),
        ("SESAM2_KEYS", ""),
        ("SESAM2_KEYS", "portal=demo-secret-of-the-portal"),
        ("SESAM2_KEYS", "portal=short"),
        ("SESAM2_KEY_ID", "another"),
        ("SESAM2_URL", "http://sesam2.example"),
        ("PORTAL_GLN", ""),
        ("SESAM2_GLN", ""),
        ("DATABASE_URL", "sqlite:///portal.sqlite3"),
        ("ENVIRONMENT", "staging"),
    ],
)
def test_it_does_not_start(name: str, value: str) -> None:
    environment = {**GOOD, name: value}
    if not value:
        del environment[name]
    done = start(environment)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
