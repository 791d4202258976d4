"""Root certificates: the tools of set-up trust what the machine trusts.

uv and npm bring roots of their own and know nothing of an organisation's gateway, whose certificate
the administrator has put into the machine's store.
"""

from pathlib import Path

STORE = Path("/etc/ssl/certs/ca-certificates.crt")


def trust(store: Path = STORE) -> dict[str, str]:
    """Environment that makes uv and npm read the store; empty on a machine without one, where their
    own roots are all there is."""
    if not store.exists():
        return {}
    return {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1", "NODE_EXTRA_CA_CERTS": str(store)}
