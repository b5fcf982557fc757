"""How the stand-in is started. The defaults are those of the portal's demo."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

DEMO_KEYS = "portal-demo=demo-secret-of-the-portal,sesam2-demo=demo-secret-of-sesam2"


@dataclass
class Config:
    """Addresses, keys and clock."""

    host: str = "127.0.0.1"
    port: int = 8001
    db: str = ":memory:"
    speed: float = 1.0
    portal_url: str = "http://127.0.0.1:8000"
    keys: dict[str, str] = field(default_factory=lambda: parse_keys(DEMO_KEYS))
    key_id: str = "sesam2-demo"
    own_gln: str = "7359999900017"
    portal_gln: str = "7359999900031"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """The settings of the environment: PORTAL_URL, SESAM2_KEYS, MOCK_SESAM2_KEY_ID, SESAM2_GLN, PORTAL_GLN."""
        default = cls()
        return cls(
            portal_url=environ.get("PORTAL_URL") or default.portal_url,
            keys=parse_keys(environ.get("SESAM2_KEYS") or DEMO_KEYS),
            key_id=environ.get("MOCK_SESAM2_KEY_ID") or default.key_id,
            own_gln=environ.get("SESAM2_GLN") or default.own_gln,
            portal_gln=environ.get("PORTAL_GLN") or default.portal_gln,
        )


def parse_keys(text: str) -> dict[str, str]:
    """`id=secret,id=secret` → id → secret."""
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    return {key_id.strip(): secret.strip() for key_id, _, secret in pairs}
