"""Keys of erased addresses: kept apart from the ledgers, one file for each, and made when first needed.

Whoever has a ledger and not its key can tell of no address whether it was erased from it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from consentdesk.ledger.faults import LedgerFault

KEY_BYTES = 32


class NoKey(LedgerFault):
    """The key of a ledger's erased addresses is not there, cannot be read, or is that of another ledger."""


@dataclass(frozen=True, slots=True)
class KeyStore:
    """A folder with one file a ledger: 64 hexadecimal digits, readable by its owner only."""

    find_folder: Callable[[], Path]
    """Asked when a key is needed, which it nearly never is."""

    def path_of(self, identity: str) -> Path:
        """Where the key of the ledger of that identity is."""
        return self.find_folder() / f"{identity}.key"

    def read(self, identity: str) -> bytes | None:
        """The key of a ledger, ``None`` where there is none. Raises `NoKey` when the file cannot be read."""
        path = self.path_of(identity)
        try:
            key = bytes.fromhex(path.read_text("ascii").strip())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise NoKey(f"The key {path} cannot be read: {error.strerror or error}.") from None
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise NoKey(f"{path} holds no key: put the one back that the first erasure made there.")
        return key

    def make(self, identity: str) -> bytes:
        """A new key, in its file; what is there already when somebody was faster. Raises `NoKey`."""
        path = self.path_of(identity)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished.unlink(missing_ok=True)
            opened = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(opened, "w", encoding="ascii") as file:
                file.write(f"{secrets.token_hex(KEY_BYTES)}\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(unfinished, path)  # whole or not at all, and never over another one
            except FileExistsError:
                pass
            finally:
                unfinished.unlink(missing_ok=True)
        except OSError as error:
            raise NoKey(
                f"The key of erased addresses cannot be written to {path}: {error.strerror or error}. Nothing "
                "was erased."
            ) from None
        key = self.read(identity)
        assert key is not None
        return key
