"""The bench: a scratch folder, its invented people, and the ledgers that the product loaded them into."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from consentdesk.doors.choices import Choices, open_file
from consentdesk.doors.loading import commit_file, plan_file
from consentdesk.ledger.ledger import Ledger
from consentdesk.ledger.requests import CampaignFacts, Origin
from consentdesk.ledger.schema import REVISIONS
from consentdesk.rules.vocabulary import CampaignKind, Door
from consentdesk.settings import now, read_operator

from .measuring import ROUNDS, timed
from .people import write_file

OPERATOR = "benchmark"
CAMPAIGN = "Benchmark"
"""The campaign that every ledger of a bench has, and every file of people is loaded under."""

_SCRATCH = "scratch"


@dataclass(frozen=True, slots=True)
class Loaded:
    """How long the product took to load a file, in seconds."""

    rows: int
    plan: float
    commit: float


class Bench:
    """Where the rows of the table work: what they share, and scratch paths of their own.

    ``contacts`` is how many contact points are wanted, two a person; ``folder`` is on the disk that is
    measured; ``rounds`` is how often a row is to be measured, and ``wanted`` which rows, by name. What is
    found in the folder from an earlier run is used again.
    """

    def __init__(
        self,
        contacts: int,
        folder: Path,
        *,
        rounds: int = ROUNDS,
        wanted: Iterable[str] = (),
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.contacts = contacts
        self.folder = folder
        self.rounds = rounds
        self.wanted = frozenset(wanted)
        self.say = say
        self._scratched = 0
        self.sweep()

    def people(self) -> int:
        """How many people have that many contact points."""
        return self.contacts // 2

    def people_file(self, count: int | None = None) -> Path:
        """A file of so many people (unsaid: all of them), which no row may change."""
        count = self.people() if count is None else count
        path = self.folder / f"people-{count}.csv"
        if not path.exists():
            self.say(f"writing a file of {count:,} people")
            unfinished = self.scratch(path.name)
            write_file(unfinished, count)
            unfinished.rename(path)
        return path

    def stock(self, people: int | None = None) -> Path:
        """A ledger with so many people (unsaid: all of them) loaded by the product's own import.

        It is loaded once, and no row may write to it: see `copy_of_stock`.
        """
        people = self.people() if people is None else people
        path = self.folder / f"stock-{REVISIONS[-1]}-{people}.db"
        if not path.exists():
            source = self.people_file(people)
            self.say(f"loading a ledger of {people:,} people")
            unfinished = self._copy(self.empty(), self.scratch(path.name))
            loaded = self.load(unfinished, source)
            settle(unfinished)
            path.with_suffix(".json").write_text(
                json.dumps({"rows": people, "plan": loaded.plan, "commit": loaded.commit}), encoding="utf-8"
            )
            unfinished.rename(path)
        return path

    def stock_loaded(self) -> Loaded:
        """How long it took to load the stock."""
        told = json.loads(self.stock().with_suffix(".json").read_text(encoding="utf-8"))
        return Loaded(told["rows"], told["plan"], told["commit"])

    def copy_of_stock(self, people: int | None = None) -> Path:
        """The stock again, for a row that writes; it is thrown away when that row is done."""
        return self._copy(self.stock(people), self.scratch("stock.db"))

    def empty(self) -> Path:
        """A ledger with the campaign and nothing else, which no row may write to."""
        path = self.folder / f"empty-{REVISIONS[-1]}.db"
        if not path.exists():
            with Ledger.open(path, clock=now, create=True, operator=read_operator(None)) as ledger:
                facts = CampaignFacts(kind=CampaignKind.WEB_FORM, wording="Yes, send me news.")
                ledger.add_campaign(CAMPAIGN, facts, origin())
            settle(path)
        return path

    def empty_copy(self) -> Path:
        """A ledger to load into, thrown away when the row is done."""
        return self._copy(self.empty(), self.scratch("ledger.db"))

    def scratch(self, name: str) -> Path:
        """A path where nothing is yet, thrown away when the row is done."""
        self._scratched += 1
        return self.folder / _SCRATCH / f"{self._scratched}-{name}"

    def sweep(self) -> None:
        """Throw away everything but what the rows share."""
        scratch = self.folder / _SCRATCH
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True, exist_ok=True)

    def load(self, ledger: Path, source: Path, *, alone: bool = False) -> Loaded:
        """Load a file of people as the desk does: planned, then committed as planned.

        A large file is read by a process of its own, unless the import is to be ``alone``.
        """
        prepared = open_file(source, Choices(campaign=CAMPAIGN))
        with Ledger.open(ledger, clock=now) as opened:
            plans = []
            planning = timed(lambda: plans.append(plan_file(opened, prepared, OPERATOR, alone=alone)))
            with plans[0] as plan:
                committing = timed(
                    lambda: commit_file(
                        opened,
                        prepared,
                        plan,
                        OPERATOR,
                        allow_resubscribed=plan.counts.resubscribed,
                        alone=alone,
                    )
                )
                return Loaded(plan.counts.rows, planning, committing)

    def _copy(self, source: Path, target: Path) -> Path:
        shutil.copy(source, target)
        return target


def origin() -> Origin:
    """Who does whatever a benchmark does."""
    return Origin(Door.OPERATOR, OPERATOR)


def settle(ledger: Path) -> None:
    """Bring everything into the ledger's one file, so that it can be copied. Nobody else has it open."""
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
