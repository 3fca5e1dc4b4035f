"""Writing an evidence pack: what is in it, that it is there whole or not at all, and the trace that it leaves."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pytest
from evidence_kit import (
    EMAIL,
    NOTE,
    NUMBER,
    OPERATOR,
    REVIEWER,
    SHORT,
    STOPPED,
    UNSEEN,
    WORDING,
    build,
    change,
    faults,
    moment,
    opened,
    pack,
    page_of,
    read,
)

from consentdesk.display.json_shapes import answer_json
from consentdesk.ledger.dossier_views import Wanted
from consentdesk.ledger.faults import BadRequest, LedgerIsDamaged, NotAllowed
from consentdesk.ledger.keys import KeyStore
from consentdesk.ledger.requests import CampaignFacts, Origin
from consentdesk.reports.evidence.pack import write_pack
from consentdesk.reports.evidence.question import PackQuestion
from consentdesk.reports.safe_file import CannotWrite
from consentdesk.rules.completeness import Profile
from consentdesk.rules.roles import Role
from consentdesk.rules.vocabulary import CampaignKind, Channel, Door, Kind, LegalBasis


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that packs are written of; writing one adds to its log only."""
    where = tmp_path_factory.mktemp("ledger") / "ledger.db"
    build(where)
    return where


def _texts(folder: Path) -> dict[str, str]:
    return {
        each.relative_to(folder).as_posix(): each.read_text() for each in folder.rglob("*") if each.is_file()
    }


def test_each_address_has_a_page_in_any_spelling_and_what_has_none_is_told(
    path: Path, tmp_path: Path
) -> None:
    """Five spellings are one page; an address nobody has seen and a row that is none are answers too."""
    wanted = [
        Wanted("+61491570156", row=2),
        Wanted("0491 570 156", row=3),
        Wanted("0491570156", row=4),
        Wanted("tel:+61-491-570-156", row=5),
        Wanted("(0491) 570 156", row=6),
        Wanted(UNSEEN, row=7),
        Wanted(SHORT, row=9),
        Wanted("see attached", row=8),
    ]
    report = pack(path, tmp_path / "pack", wanted)
    assert (report.addresses, report.never_seen, report.unreadable, report.duplicates) == (1, 2, 1, 4)
    index = read(tmp_path / "pack" / "index.json")
    assert [(each["address"], each["recorded"], len(each["asked_for"])) for each in index["addresses"]] == [
        (NUMBER, True, 5),
        (UNSEEN, False, 1),
        (SHORT, False, 1),
    ]
    assert [each["is_valid"] for each in index["addresses"]] == [True, True, False]
    [summed] = index["sums"]
    assert (summed["channel"], summed["yes"], summed["no"]) == ("sms", 1, 0)
    assert [(each["row"], each["text"]) for each in index["unreadable"]] == [(8, "see attached")]
    told = (tmp_path / "pack" / "index.html").read_text()
    assert "0491 570 156 (row 3)" in told
    assert "5 entries, one address" in told
    assert "Nothing is recorded for these" in told
    assert "For 2 addresses without a page it is no" in told
    assert told.count("This is no valid phone number, only a possible one") == 1
    assert faults(tmp_path / "pack") == []


def test_no_file_is_named_after_an_address_and_only_the_owner_reads_it(path: Path, tmp_path: Path) -> None:
    """Names of files leak nothing, and a pack holds personal data."""
    pack(path, tmp_path / "pack")
    pack(path, tmp_path / "pack.zip")
    files = _texts(tmp_path / "pack")
    assert not any("61491" in name or "maya" in name for name in files)
    assert {stat.S_IMODE(each.stat().st_mode) for each in (tmp_path / "pack").rglob("*")} == {0o600, 0o700}
    assert stat.S_IMODE((tmp_path / "pack").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "pack.zip").stat().st_mode) == 0o600


def test_the_answers_are_those_of_may_send_for_each_moment(path: Path, tmp_path: Path) -> None:
    """A page answers for the channel and each of its lists, at every moment asked for, as known then."""
    moments = (moment("2023-06-01T00:00"), moment("2024-07-01T00:00"))
    known = moment("2024-05-06T00:00")
    question = PackQuestion(moments=moments, known_at=known, region="AU")
    pack(path, tmp_path / "pack", [NUMBER], question)
    [point] = [
        each
        for each in read(page_of(tmp_path / "pack", NUMBER))["contact_points"]
        if each["channel"] == "sms"
    ]
    with opened(path) as ledger:
        expected = [
            answer_json(ledger.may_send(NUMBER, Channel.SMS, list=name, at=at, known_at=known))
            for at in moments
            for name in (None, "Deals")
        ]
    assert [{key: each[key] for key in expected[0]} for each in point["answers"]] == expected
    assert [each["permitted"] for each in point["answers"]] == [True, True, True, True]


def test_what_is_missing_is_told_by_the_profile_that_was_asked_for(path: Path, tmp_path: Path) -> None:
    """An opt-in without a legal basis is incomplete under the GDPR, an email address no matter for the TSR."""
    pack(path, tmp_path / "gdpr", [NUMBER, EMAIL])
    [gap, *_] = read(page_of(tmp_path / "gdpr", NUMBER))["contact_points"][0]["missing"]
    assert gap["missing"] == ["legal_basis"]
    assert read(page_of(tmp_path / "gdpr", EMAIL))["contact_points"][0]["missing"][0]["missing"] == []
    pack(path, tmp_path / "tsr", [EMAIL], PackQuestion(profile=Profile.TSR_310_5_A_8))
    assert read(page_of(tmp_path / "tsr", EMAIL))["contact_points"][0]["missing"] == []
    assert "the profile is not about this channel" in (tmp_path / "tsr" / "pages" / "0001.html").read_text()


def test_what_is_missing_is_what_the_evidence_check_finds(tmp_path: Path) -> None:
    """A later opt-in to an open record is evidence for it, on the page as in the check, and blanks say nothing."""
    path = tmp_path / "ledger.db"
    build(path)
    with opened(path) as ledger:
        ledger.add_campaign("Blank", CampaignFacts(kind=CampaignKind.WEB_FORM, wording="  "), OPERATOR)
        in_at = {"campaign": "Form", "at": "2026-03-01T10:00Z", "legal_basis": LegalBasis.CONSENT_WITH_NOTICE}
        ledger.record(
            [
                change(Channel.SMS, NUMBER, Kind.OPT_IN, **in_at),
                change(Channel.EMAIL, "b@example.com", Kind.OPT_IN, **in_at | {"campaign": "Blank"}),
            ],
            OPERATOR,
        )
        lacking = {
            each.address: [each.missing]
            for each in ledger.incomplete_records(Profile.GDPR_ART_7).records
            if each.list is None
        }
    pack(path, tmp_path / "pack", [NUMBER, EMAIL, "b@example.com"])
    for address in (NUMBER, EMAIL, "b@example.com"):
        [point] = read(page_of(tmp_path / "pack", address))["contact_points"]
        ended = {each["opened_by"] for each in point["records"] if each["closed_by"] is not None}
        told = [
            tuple(each["missing"])
            for each in point["missing"]
            if each["opened_by"] not in ended and each["list"] is None
        ]
        assert told == lacking.get(address, [()])
    assert lacking == {"b@example.com": [("wording",)]}


def test_a_page_tells_every_event_in_sentences_with_what_was_shown(path: Path, tmp_path: Path) -> None:
    """The page alone can be read out: sentences, the wording with its lines, notes, and what was passed over."""
    pack(path, tmp_path / "pack", [NUMBER])
    told = page_of(tmp_path / "pack", NUMBER).with_suffix(".html").read_text()
    for sentence in (
        "The person opted in to all SMS on 2023-03-01 10:00:00 UTC",
        WORDING,
        NOTE,
        "T-4711",
        "Passed over: ",
        "Yes: +61491570156 opted in to all SMS on 2025-02-11 16:00:00 UTC",
    ):
        assert sentence in told
    assert told.index("2023-03-01 10:00:00") < told.index("anna retracted event")
    assert "<svg" in told


def test_notes_can_be_withheld_and_the_pack_still_fits(path: Path, tmp_path: Path) -> None:
    """Without notes no free text is in any file, and what stands for them in the chain still proves the events."""
    pack(path, tmp_path / "pack", question=PackQuestion(region="AU", with_notes=False))
    texts = _texts(tmp_path / "pack")
    assert not [
        name for name, told in texts.items() for secret in (NOTE, "T-4711", "Wrong list") if secret in told
    ]
    assert any(WORDING.split("\n")[0] in told for told in texts.values())
    assert faults(tmp_path / "pack") == []


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    """Names, notes, wordings, lists and operators that hold HTML and terminal escapes add nothing to a page."""
    evil = "</style></title><script>alert(1)</script><img src=x onerror=y>\x1b]0;x\x07\u202e"
    name = "<script>alert(2)</script>\u202e"
    ledger = tmp_path / "ledger.db"
    with opened(ledger, create=True) as book:
        operator = Origin(Door.OPERATOR, "<b>anna</b>\x1b[2J")
        book.add_list(name, Channel.SMS, operator)
        book.add_campaign(name, CampaignFacts(kind=CampaignKind.WEB_FORM, wording=evil), operator)
        more = {"note": evil, "reference": evil, "explanation": evil, "campaign": name, "at": "2025-01-01"}
        book.record(
            [
                change(Channel.SMS, NUMBER, Kind.OPT_IN, list=name, **more),
                change(Channel.SMS, NUMBER, Kind.OPT_OUT, reason=evil),
                change(Channel.EMAIL, '"<script>"@example.com', Kind.OPT_OUT),
            ],
            operator,
        )
        origin = Origin(Door.OPERATOR, "<i>rita</i>")
        wanted = [
            Wanted(NUMBER),
            Wanted('"<script>"@example.com'),
            Wanted("<script>alert(3)</script>\x1b[2J"),
        ]
        assert write_pack(book, wanted, tmp_path / "pack", PackQuestion(), origin) is not None
    for name, told in _texts(tmp_path / "pack").items():
        if not name.endswith(".py"):
            assert not [each for each in told if not each.isprintable() and each != "\n"], name
        if name.endswith(".html"):
            found = _Elements()
            found.feed(told)
            assert not found.tags & {"script", "img", "i", "iframe", "object"}
            assert not [each for each in found.attributes if each.startswith("on")]
            assert all(link.startswith(("pages/", "../index.html")) for link in found.links)
            assert "alert(1)" not in told or "&lt;script&gt;alert(1)" in told
    assert faults(tmp_path / "pack") == []


@pytest.mark.parametrize("name", ["pack", "pack.zip"])
def test_nothing_is_ever_written_over(path: Path, tmp_path: Path, name: str) -> None:
    """A file, a folder, even an empty one, and a link to nowhere stay as they are."""
    target = tmp_path / name
    for make in (
        lambda: target.write_text("mine"),
        target.mkdir,
        lambda: target.symlink_to(tmp_path / "nowhere"),
    ):
        make()
        with pytest.raises(CannotWrite, match="is there already"):
            pack(path, target)
        assert os.path.lexists(target)
        target.rmdir() if target.is_dir() else target.unlink()
    with pytest.raises(CannotWrite, match="does not exist"):
        pack(path, tmp_path / "none" / name)
    assert list(tmp_path.iterdir()) == []


@contextmanager
def _no_file_beyond(size: int) -> Iterator[None]:
    """The system itself refuses to let a file grow beyond so many bytes, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


@pytest.mark.parametrize(("name", "size"), [("pack", 4_000), ("pack", 17_000), ("pack.zip", 30_000)])
def test_a_pack_that_cannot_be_written_leaves_nothing(
    path: Path, tmp_path: Path, name: str, size: int
) -> None:
    """When the disk takes no more, at whatever file, there is a sentence and no pack, and no trace of one."""
    with opened(path) as ledger:
        before = ledger.log(limit=1)[0].id
        with _no_file_beyond(size), pytest.raises(CannotWrite, match="make room"):
            write_pack(ledger, [Wanted(NUMBER)], tmp_path / name, PackQuestion(), OPERATOR)
        assert ledger.log(limit=1)[0].id == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["pack", "pack.zip"])
def test_a_cancelled_pack_leaves_nothing(path: Path, tmp_path: Path, name: str) -> None:
    """Cancelled after the first address, there is neither a pack nor a line in the log."""
    done: list[int] = []
    with opened(path) as ledger:
        before = ledger.log(limit=1)[0].id
        report = write_pack(
            ledger,
            [Wanted(NUMBER), Wanted(EMAIL)],
            tmp_path / name,
            PackQuestion(),
            OPERATOR,
            progress=lambda number, _: done.append(number),
            is_cancelled=lambda: bool(done),
        )
        assert ledger.log(limit=1)[0].id == before
    assert report is None
    assert done == [1]
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_left_is_removed_by_the_next(path: Path, tmp_path: Path) -> None:
    """A half pack holds addresses: the next one into the same directory removes it, and nothing of anybody else's."""
    left, other = tmp_path / ".before.abcdefgh.part", tmp_path / ".else.abcdefgh.part"
    held, site = tmp_path / ".pack.zzzzzzzz.part", tmp_path / ".site.abcdefgh.part"
    for folder in (left, other, held, site):
        (folder / "pages").mkdir(parents=True)
        (folder / "pages" / "0001.html").write_text(NUMBER)
    (other / "thesis.txt").write_text("mine")
    (site / "pages" / "about.html").write_text("mine")
    handle = os.open(held, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)  # as the writer that is still at it does
    pack(path, tmp_path / "whole.zip", [NUMBER])
    half, mine = tmp_path / ".half.zip.abcdefgh.part", tmp_path / ".mine.zip.abcdefgh.part"
    half.write_bytes((tmp_path / "whole.zip").read_bytes()[:5_000])
    mine.write_bytes(b"PK\3\4 mine")
    pack(path, tmp_path / "pack")
    os.close(handle)
    kept = [each.exists() for each in (left, other, held, site, half, mine)]
    assert kept == [False, True, True, True, False, True]


def test_a_pack_is_written_where_folders_cannot_be_held(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system without locks takes a pack as well, and nothing on it is taken for left."""

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    page = tmp_path / ".before.abcdefgh.part" / "pages" / "0001.html"
    page.parent.mkdir(parents=True)
    page.touch()
    monkeypatch.setattr(fcntl, "flock", no_locks)
    pack(path, tmp_path / "pack", [NUMBER])
    assert page.exists()


def test_a_pack_is_of_one_moment(tmp_path: Path) -> None:
    """What is recorded while a pack is written is not in it, neither in the pages nor in the head."""
    ledger = tmp_path / "ledger.db"
    build(ledger)

    def record_meanwhile(done: int, _: int | None) -> None:
        if done == 1:
            with opened(ledger, at="2026-03-04T00:00") as other:
                other.record([change(Channel.EMAIL, EMAIL, Kind.OPT_OUT)], OPERATOR)

    with opened(ledger) as book:
        asked = [Wanted(NUMBER), Wanted(EMAIL)]
        report = write_pack(
            book, asked, tmp_path / "pack", PackQuestion(), OPERATOR, progress=record_meanwhile
        )
        assert report is not None
        assert (report.head.events.count, book.head().events.count) == (8, 9)
    [event] = read(page_of(tmp_path / "pack", EMAIL))["contact_points"][0]["events"]
    assert event["kind"] == "opt_in"
    assert faults(tmp_path / "pack") == []


def test_the_log_has_the_pack_and_every_contact_point_and_no_address(path: Path, tmp_path: Path) -> None:
    """Whoever audits a contact sees that its evidence was handed over, by whom, and in which pack."""
    report = pack(path, tmp_path / "pack")
    with closing(sqlite3.connect(path)) as connection:
        lines = connection.execute(
            "SELECT what, operator, contact_point_id, detail, text_id FROM operator_log ORDER BY id DESC LIMIT 4"
        ).fetchall()[::-1]
        points = {number for (number,) in connection.execute("SELECT id FROM contact_points")}
    assert [line[0] for line in lines] == ["evidence_written", *["evidence_given"] * 3]
    assert {line[1] for line in lines} == {"anna"}
    assert {line[2] for line in lines} - {None} == points
    assert all(report.manifest_sha256 in line[3] and line[4] is None for line in lines)
    assert '"events": 8' in lines[0][3]
    assert not any("61491" in line[3] or "maya" in line[3] for line in lines)
    with opened(path) as ledger:
        assert ledger.verify().is_sound


def test_a_reviewer_may_and_an_agent_may_not(tmp_path: Path) -> None:
    """A refused attempt is in the log, and nothing is written; a reviewer's pack leaves its trace all the same."""
    ledger = tmp_path / "ledger.db"
    build(ledger)
    with opened(ledger) as book:
        book.set_role("rita", Role.REVIEWER, OPERATOR)
        book.set_role("alan", Role.AGENT, OPERATOR)
    with opened(ledger, operator="alan") as book, pytest.raises(NotAllowed, match="reviewer or an admin"):
        write_pack(book, [Wanted(NUMBER)], tmp_path / "pack", PackQuestion(), OPERATOR)
    with opened(ledger, operator="rita") as book:
        assert book.log(limit=1)[0].what == "not_allowed"
        assert write_pack(book, [Wanted(NUMBER)], tmp_path / "pack", PackQuestion(), REVIEWER) is not None
        assert book.log(limit=1)[0].what == "evidence_given"
    assert faults(tmp_path / "pack") == []
    assert sorted(each.name for each in tmp_path.iterdir() if each.name.startswith((".", "pack"))) == ["pack"]


def test_no_evidence_is_made_of_what_does_not_fit(tmp_path: Path) -> None:
    """An event that was changed behind the program's back ends in a sentence, and no pack."""
    ledger = tmp_path / "ledger.db"
    build(ledger)
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("DROP TRIGGER events_refuse_update")
        connection.execute("UPDATE events SET operator = 'nobody' WHERE id = 2")
        connection.commit()
    with (
        opened(ledger, check_whole=False) as book,
        pytest.raises(LedgerIsDamaged, match="Event 2 was changed"),
    ):
        write_pack(book, [Wanted(NUMBER)], tmp_path / "pack", PackQuestion(), OPERATOR)
    assert not (tmp_path / "pack").exists()


def test_nothing_that_is_an_address_makes_no_pack(path: Path, tmp_path: Path) -> None:
    """A list without a single address is a mistake to be told, and not an empty pack."""
    with pytest.raises(BadRequest, match=r"Nothing that was given is an address \(row 2\)"):
        pack(path, tmp_path / "pack", [Wanted("none", row=2)])
    with pytest.raises(BadRequest, match="Nobody was named"):
        pack(path, tmp_path / "pack", [])
    assert list(tmp_path.iterdir()) == []


def test_an_erased_address_is_told_as_opted_out(tmp_path: Path) -> None:
    """An opt-out that outlived an erasure is an answer, before the address comes back and afterwards."""
    ledger, keys = tmp_path / "ledger.db", KeyStore(lambda: tmp_path / "keys")
    build(ledger)
    with opened(ledger, keys=keys) as book:
        book.erase([STOPPED], OPERATOR)
        back = change(Channel.SMS, STOPPED, Kind.OPT_OUT, reference="T-9")
        asked = [Wanted(STOPPED), Wanted(NUMBER)]
        assert write_pack(book, asked, tmp_path / "erased", PackQuestion(), OPERATOR) is not None
        book.record([back], OPERATOR)
        assert write_pack(book, asked, tmp_path / "back", PackQuestion(), OPERATOR) is not None
    [stopped, _] = read(tmp_path / "erased" / "index.json")["addresses"]
    assert (stopped["recorded"], stopped["outlived_erasure"]) == (False, ["sms"])
    assert "Erased, and still opted out" in (tmp_path / "erased" / "index.html").read_text()
    answer, *_ = read(page_of(tmp_path / "back", STOPPED))["contact_points"][0]["answers"]
    assert answer["because"]["rule"] == "permanent_opt_out"
    assert faults(tmp_path / "erased") == []
    assert faults(tmp_path / "back") == []


def test_without_the_key_nothing_is_said_of_those_that_were_erased(tmp_path: Path) -> None:
    """Where erased addresses cannot be told, a pack does not say of one that it never opted out."""
    ledger, keys = tmp_path / "ledger.db", KeyStore(lambda: tmp_path / "keys")
    build(ledger)
    said = "no opt-in, no opt-out, no attempt"
    pack(ledger, tmp_path / "before", [UNSEEN])
    assert said in (tmp_path / "before" / "index.html").read_text()
    with opened(ledger, keys=keys) as book:
        book.erase([STOPPED], OPERATOR)
        assert (
            write_pack(book, [Wanted(UNSEEN)], tmp_path / "held", PackQuestion(region="AU"), OPERATOR)
            is not None
        )
    pack(ledger, tmp_path / "blind", [STOPPED])
    for name, erasures, told in (
        ("held", "held", "no opt-out of these"),
        ("blind", "key_missing", "was not there when this pack was written"),
    ):
        html = (tmp_path / name / "index.html").read_text()
        assert told in html
        assert said not in html
        assert read(tmp_path / name / "index.json")["erasures"] == erasures
        assert faults(tmp_path / name) == []
