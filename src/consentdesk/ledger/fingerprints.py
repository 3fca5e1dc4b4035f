"""Keyed fingerprints of addresses: what is left of one that was erased.

HMAC-SHA256 (RFC 2104, FIPS 198-1) of the kind of address, a zero byte and its key in UTF-8. Without the secret
nobody can try out numbers against it, of which there are few enough to try them all.
"""

from __future__ import annotations

import hmac

_CHECKED = b"consentdesk key check"


def fingerprint(key: bytes, space: str, address_key: str) -> bytes:
    """The fingerprint of an address: 32 bytes. ``address_key`` is its identity within its space."""
    return hmac.digest(key, f"{space}\0{address_key}".encode("utf-8", "surrogatepass"), "sha256")


def key_check(key: bytes) -> bytes:
    """What tells the right key from any other without giving it away."""
    return hmac.digest(key, _CHECKED, "sha256")
