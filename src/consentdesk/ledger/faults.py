"""What can go wrong with a ledger, each as one sentence: what is wrong, where, and what to do."""

from __future__ import annotations


class LedgerFault(Exception):
    """Anything that stops a ledger from answering; ``str()`` is the sentence to show.

    ``stopped_import`` is the import that it stopped half way, whose rows are recorded up to its position.
    """

    stopped_import: int | None = None


class NoLedger(LedgerFault):
    """Nothing is there, and the caller did not ask for a new one."""


class NotALedger(LedgerFault):
    """Something is there, and it is no ledger of this program."""


class LedgerIsNewer(LedgerFault):
    """The ledger was made by a newer version."""


class LedgerIsLocked(LedgerFault):
    """Another program holds the ledger and does not let go."""


class LedgerUnwritable(LedgerFault):
    """No permission, a read-only disk, or a full one."""


class LedgerIsDamaged(LedgerFault):
    """The file is broken, or its guards are gone."""


class BadRequest(LedgerFault):
    """The caller asked for something that is not there, or cannot be: an unknown list, campaign, event."""


class NotAllowed(LedgerFault):
    """Whoever works here has not the role that this takes; the attempt is in the operators' log."""


class SomebodyWasFaster(LedgerFault):
    """The contact point changed between the look and the confirmation; nothing was written."""


class PlanIsStale(LedgerFault):
    """The ledger moved under the rows of a plan before it was confirmed; nothing was written.

    ``what`` says in sentences what moved.
    """

    def __init__(self, what: tuple[str, ...]) -> None:
        super().__init__(f"The plan no longer holds: {' '.join(what)} Nothing was written: plan again.")
        self.what = what


class NotAsPlanned(LedgerFault):
    """A row of an import would come out otherwise than was confirmed; its batch was not written."""
