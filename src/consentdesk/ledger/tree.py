"""A Merkle tree over the digests of a chain, so that a few events can be handed over with a short proof.

The tree, its leaves and its inclusion proofs are those of RFC 9162, section 2.1: a leaf is ``SHA-256(0x00 || digest)``
and a node ``SHA-256(0x01 || left || right)``. Where a head was kept, a proof of some twenty hashes shows an event to
be one of a million that the head stands for, without the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field

EMPTY_ROOT = hashlib.sha256().digest()
"""The root of a tree without leaves."""


def leaf_of(digest: bytes) -> bytes:
    """The leaf of a digest."""
    return hashlib.sha256(b"\0" + digest).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """The node over two others."""
    return hashlib.sha256(b"\1" + left + right).digest()


@dataclass(slots=True)
class _Part:
    """A whole subtree of ``size`` leaves (a power of two), with the wanted leaves in it."""

    size: int
    root: bytes
    wanted: list[int] = field(default_factory=list)


class Tree:
    """A tree that grows leaf by leaf and holds a few hashes only: one for each power of two, and the proofs.

    ``wanted`` are the numbers of the leaves (the first is 1) whose inclusion is to be proved.
    """

    def __init__(self, wanted: Collection[int] = ()) -> None:
        self.size = 0
        self._wanted = frozenset(wanted)
        self._parts: list[_Part] = []
        self._paths: dict[int, list[bytes]] = {}

    def add(self, digest: bytes) -> None:
        """Grow by the next digest."""
        self.size += 1
        part = _Part(1, leaf_of(digest))
        if self.size in self._wanted:
            part.wanted.append(self.size)
            self._paths[self.size] = []
        parts = self._parts
        while parts and parts[-1].size == part.size:
            part = _joined(parts.pop(), part, self._paths)
        parts.append(part)

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._parts:
            return EMPTY_ROOT
        *others, last = self._parts
        root = last.root
        for part in reversed(others):
            root = node_of(part.root, root)
        return root

    def proofs(self) -> dict[int, tuple[bytes, ...]]:
        """For each wanted leaf the hashes beside its way to the root, from the leaf up."""
        paths = {number: list(path) for number, path in self._paths.items()}
        if self._parts:
            *others, whole = self._parts
            for part in reversed(others):
                whole = _joined(part, whole, paths)
        return {number: tuple(path) for number, path in paths.items()}


def _joined(left: _Part, right: _Part, paths: dict[int, list[bytes]]) -> _Part:
    for number in left.wanted:
        paths[number].append(right.root)
    for number in right.wanted:
        paths[number].append(left.root)
    return _Part(left.size + right.size, node_of(left.root, right.root), left.wanted + right.wanted)
