#!/usr/bin/env python3
"""Check an evidence pack, with nothing but Python 3.8 or newer: the program that wrote it is not needed.

    python verify.py                            in the unpacked folder
    python verify.py PACK                       a folder, or a .zip, from anywhere
    python verify.py PACK --manifest SHA256     also whether it is the pack of that manifest, byte for byte
    python verify.py PACK --head head.json      also against a head that was kept elsewhere

One file, so that it can be read in one go and carried anywhere. It reads files and writes sentences, and connects to
nothing. Exit code 0: everything fits. 1: something does not.

What is checked
  1. manifest.sha256 names every file of the pack with its SHA-256, and there is no other file than those that a
     pack has; the JSON files are written in one way only, so that everybody reads the same in them.
  2. For every event in proof/NNNN.json:
     - the address and the free texts are what the commitments stand for: SHA-256(salt || text), for an address
       SHA-256(salt || key || 0x00 || text), where a salt is 16 bytes;
     - digest == SHA-256(predecessor || SHA-256(canonical JSON));
     - the digest is a leaf of the tree whose root is in head.json (RFC 9162, section 2.1: leaf SHA-256(0x00 ||
       digest), node SHA-256(0x01 || left || right), inclusion proof as in 2.1.3.2).
  3. pages/NNNN.json says of every event what its canonical JSON says.
  4. The changes of lists and campaigns in proof/changes.json hang in their own tree in the same way, and name the
     lists, campaigns and wordings on the pages as they were in force when each event was recorded.
  5. index.json names every page once, under the address that its proof has, and sums their answers.

What this cannot show: see `LIMITS` below; it is printed each time.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NoReturn

MANIFEST = "manifest.sha256"
ALWAYS = ("head.json", "index.html", "index.json", "proof/bridges.json", "proof/changes.json", "verify.py")
OF_A_PAGE = ("pages/{}.html", "pages/{}.json", "proof/{}.json")
ZEROS = "00" * 32
SALT_BYTES = 16
ZIP_DAY = (0 << 9) | (1 << 5) | 1
TEXTS = ("explanation", "note", "reference")
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 - Python 3.8 has no datetime.UTC

LIMITS = (
    "That nothing was left out, such as an event, or a later wording of a campaign: only what is in the pack can be "
    "checked. Whoever has the ledger can show that, with consentdesk verify.",
    "That an address without a page was never recorded, or that what was entered into the ledger was true.",
    "What the pages conclude (states, records, answers, what was passed over): it follows from the events, by rules "
    "that a reader can apply anew. The HTML pages are held against their checksums only, the JSON beside them against "
    "the chain.",
    "The names of people, refused attempts, and as what an address was asked for: they hang in no proof.",
    "When the ledger stood like this: the head's date is worth something only where the head was kept elsewhere, and "
    "is held against the pack with --head.",
    "Who wrote the pack: hold the SHA-256 of its manifest, with --manifest, against one that you have from elsewhere, "
    "such as the letter it came with, or the operators' log of the ledger.",
)

Json = Any
"""What a file of the pack says; every use of it stands where a surprise is told as a fault."""


class Fault(Exception):
    """One thing that does not fit, as a sentence."""


class Pack:
    """The files of a pack, in a folder or a ZIP file."""

    def __init__(self, where: str) -> None:
        self.where = Path(where)
        self.zip: zipfile.ZipFile | None = None
        if self.where.is_dir():
            below = (path for path in self.where.rglob("*") if path.is_symlink() or not path.is_dir())
            self.names = sorted(path.relative_to(self.where).as_posix() for path in below)
        else:
            self.zip = zipfile.ZipFile(where)
            self.names = sorted(self.zip.namelist())
        self._known = frozenset(self.names)

    def read(self, name: str) -> bytes:
        """One file, whole; whatever asks for it, nothing outside of the pack."""
        if name not in self._known:
            raise KeyError(name)
        if self.zip is not None:
            return self.zip.read(name)
        return (self.where / name).read_bytes()

    def json(self, name: str) -> Any:
        """One file, read as JSON; a key that stands there twice would be read by others as they like."""
        try:
            content = self.read(name)
            found = json.loads(content.decode("ascii"))
        except (KeyError, OSError, ValueError, zipfile.BadZipFile):
            raise Fault(f"{name} is missing or cannot be read.") from None
        if (json.dumps(found, ensure_ascii=True, indent=1) + "\n").encode("ascii") != content:
            raise Fault(f"{name} has JSON that was not written so.")
        return found

    def wrong_with_container(self) -> Iterator[str]:
        """What is in the ZIP file beside the files: every byte of it follows from their names and contents.

        In a folder whatever is no ordinary file: a link or a pipe. Nothing more is to be read where this tells of
        anything: it could have no end.
        """
        if self.zip is None:
            for each in self.names:
                path = self.where / each
                if path.is_symlink() or not path.is_file():
                    yield f"{each} is no ordinary file."
            return
        with self.where.open("rb") as file:
            place, central = 0, b""
            for info in self.zip.infolist():
                name = info.filename.encode("ascii", "replace")
                common = (20, 0, 0, 0, ZIP_DAY, info.CRC, info.file_size, info.file_size, len(name), 0)
                start = struct.pack("<4s5H3I2H", b"PK\3\4", *common) + name
                central += struct.pack(
                    "<4s6H3I5H2I", b"PK\1\2", 3 << 8 | 20, *common, 0, 0, 0, 0o600 << 16, place
                )
                central += name
                file.seek(place)
                if file.read(len(start)) != start or info.header_offset != place:
                    yield f"The ZIP file says something of {info.filename} that was not written there."
                    return
                place += len(start) + info.file_size
            count = len(self.zip.infolist())
            end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(central), place, 0)
            file.seek(place)
            if file.read() != central + end:
                yield "The ZIP file's directory was changed."


def check_manifest(pack: Pack) -> Iterator[str]:
    """Every file against its checksum."""
    if len(set(pack.names)) != len(pack.names):
        yield "The ZIP file has two files of one name."
    try:
        lines = pack.read(MANIFEST).decode("ascii").split("\n")
    except (KeyError, OSError, ValueError, zipfile.BadZipFile):
        yield f"{MANIFEST} is missing or cannot be read: nothing of this pack can be trusted."
        return
    named = {}
    for line in lines[:-1]:
        match = re.match(r"([0-9a-f]{64})  ([a-z0-9./-]+)\Z", line)
        if match is None or match.group(2) in named:
            yield f"{MANIFEST} has a line that was not written so: {line}"
        else:
            named[match.group(2)] = match.group(1)
    if lines[-1] or list(named) != sorted(named):
        yield f"{MANIFEST} is not as it was written."
    for name, expected in named.items():
        try:
            found = hashlib.sha256(pack.read(name)).hexdigest()
        except (KeyError, OSError, zipfile.BadZipFile):
            yield f"{name} is missing or damaged."
            continue
        if found != expected:
            yield f"{name} was changed: its SHA-256 is not the one in {MANIFEST}."
    for name in pack.names:
        if name not in named and name != MANIFEST:
            yield f"{name} does not belong to the pack."


def sha(*pieces: bytes) -> bytes:
    """SHA-256 over some pieces."""
    return hashlib.sha256(b"".join(pieces)).digest()


def commitment(opening: Json, is_address: bool = False) -> str:
    """What stands in the chain for a text, given its salt."""
    said = opening["text"]
    if is_address:
        said = opening["key"] + "\0" + said
    salt = bytes.fromhex(opening["salt"])
    if len(salt) != SALT_BYTES:
        raise Fault("has a salt of another length, which could hide a part of the text")
    return sha(salt, said.encode("utf-8", "surrogatepass")).hex()


def root_over(number: int, size: int, digest: bytes, path: list[str]) -> tuple[bytes, bytes]:
    """The root that leaf ``number`` (the first is 1) of ``size`` leads to, and that of the tree which ends with it.

    The first is RFC 9162, 2.1.3.2. The second takes the hashes on the left only: what lies to the right of a leaf
    came after it.
    """
    place, last = number - 1, size - 1
    if not 0 <= place <= last:
        raise Fault("is not within the tree")
    node = older = sha(b"\0", digest)
    for each in map(bytes.fromhex, path):
        if last == 0:
            raise Fault("has a proof that is too long")
        if place & 1 or place == last:
            node, older = sha(b"\1", each, node), sha(b"\1", each, older)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = sha(b"\1", node, each)
        place, last = place >> 1, last >> 1
    if last:
        raise Fault("has a proof that is too short")
    return node, older


def check_link(link: Json, end: Json) -> Json:
    """One link of a chain, up to the root in the head; what its canonical JSON says."""
    body = link["canonical"].encode("ascii")
    said = json.loads(body.decode("ascii"))
    if json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii") != body:
        raise Fault("has JSON that is not canonical")
    if said["id"] != link["id"]:
        raise Fault("is given as another one")
    if link["id"] == 1 and link["predecessor"] != ZEROS:
        raise Fault("has a predecessor, though it is the first")
    digest = sha(bytes.fromhex(link["predecessor"]), hashlib.sha256(body).digest())
    if digest.hex() != link["digest"]:
        raise Fault("is not what its digest stands for")
    if link["id"] == end["count"] and link["digest"] != end["digest"]:
        raise Fault("is not the last one that the head names")
    root, _ = root_over(link["id"], end["count"], digest, link["path"])
    if root.hex() != end["root"]:
        raise Fault("does not lead to the root in head.json")
    return said


class Catalogue:
    """The lists and campaigns, as the proved changes tell them."""

    def __init__(self) -> None:
        self.lists: dict[int, Json] = {}
        self.versions: dict[int, list[tuple[int, Json]]] = {}

    def add(self, said: Json) -> None:
        """Take one change in."""
        body = json.loads(said["body"])
        if said["what"] == "list_added":
            self.lists[said["list"]] = body
        if said["campaign"] is not None:
            self.versions.setdefault(said["campaign"], []).append((said["recorded_at"], body))

    def list_name(self, number: int | None) -> Any:
        """A list's name."""
        return None if number is None else self.lists[number]["name"]

    def campaign(self, number: int | None, recorded_at: int) -> tuple[Any, Any]:
        """A campaign's name, and its wording in force when an event was recorded."""
        if number is None:
            return None, None
        versions = self.versions[number]
        known = versions[0][1]
        for since, body in versions:
            if since <= recorded_at:
                known = body
        return versions[0][1]["name"], known["wording"]


def iso(moment: int) -> str:
    """Microseconds since 1970 as the pages write them."""
    return (EPOCH + timedelta(microseconds=moment)).replace(tzinfo=None).isoformat() + "Z"


SAME = {
    "id": "id",
    "kind": "kind",
    "permanent": "permanent",
    "dated": "dated",
    "reason": "reason",
    "legal_basis": "legal_basis",
    "keyword": "keyword",
    "door": "door",
    "source": "source",
    "operator": "operator",
    "import": "import_id",
    "row": "row_number",
    "retracts": "retracts",
}


def check_event(said: Json, link: Json, told: Json, point: Json, catalogue: Catalogue) -> Iterator[str]:
    """What a page tells of an event against what the chain says of it."""
    expected = {theirs: said[ours] for ours, theirs in SAME.items()}
    expected["occurred_at"], expected["recorded_at"] = iso(said["occurred_at"]), iso(said["recorded_at"])
    expected["digest"] = link["digest"]
    try:
        expected["list"] = catalogue.list_name(said["list"])
        expected["campaign"], expected["wording"] = catalogue.campaign(said["campaign"], said["recorded_at"])
    except (KeyError, IndexError):
        yield "names a list or campaign that the pack does not prove"
    for name in TEXTS:
        opening = link["texts"].get(name)
        expected[name] = opening["text"] if opening is not None else None
        if (said[name] is None) != (name not in link["texts"]):
            yield f"has a {name} that the pack says nothing of, or the other way round"
        elif opening is not None and commitment(opening) != said[name]:
            yield f"has another {name} than the one that was recorded"
    for name, value in expected.items():
        if name not in told or told[name] != value or type(told[name]) is not type(value):
            yield f"is told with another {name} on the page than in the ledger"
    if said["contact_point"] != point["contact_point"] or said["channel"] != point["channel"]:
        yield "belongs to another contact point"
    if commitment(point["address"], is_address=True) != said["address"]:
        yield "belongs to another address"


def check_point(told: Json, point: Json, end: Json, catalogue: Catalogue, where: str) -> Iterator[str]:
    """One contact point of a page against its proof."""
    if told["contact_point"] != point["contact_point"] or told["channel"] != point["channel"]:
        yield f"{where} tells of another contact point than its proof."
        return
    if point["address"] is None or told["address"] != point["address"]["text"]:
        yield f"{where} shows another address than the one that was recorded."
        return
    events = {event["id"]: event for event in told["events"]}
    links = {link["id"]: link for link in point["events"]}
    if len(events) != len(told["events"]) or len(links) != len(point["events"]):
        yield f"{where} has an event twice."
    for number in sorted(set(events) ^ set(links)):
        yield f"{where} and its proof do not have the same events: event {number} is in one of them only."
    retracted = {link_said["retracts"]: number for number, link_said in _said(links)}
    for number, link in links.items():
        try:
            said = check_link(link, end)
            for sentence in check_event(said, link, events.get(number, {}), point, catalogue):
                yield f"Event {number} on {where} {sentence}."
        except Fault as fault:
            yield f"Event {number} on {where} {fault}."
        if number in events and events[number]["retracted_by"] != retracted.get(number):
            yield f"Event {number} on {where} is told to be retracted otherwise than it was."
    for answer in told["answers"]:
        decided_by = answer["because"]["event_id"]
        if decided_by is not None and decided_by not in links and decided_by not in told["decided_by_erased"]:
            yield f"{where} has an answer that names event {decided_by}, which is not on it."
        if decided_by in events and answer["wording"] not in (None, events[decided_by]["wording"]):
            yield f"{where} has an answer with another wording than event {decided_by}."
        if answer["address"] != told["address"] or answer["channel"] != told["channel"]:
            yield f"{where} has an answer about another contact point."


def _said(links: dict[int, Json]) -> Iterator[tuple[int, Json]]:
    for number, link in links.items():
        said = json.loads(link["canonical"])
        if said["kind"] == "retraction":
            yield number, said


def check_proofs(pack: Pack, counts: dict[str, int]) -> Iterator[str]:
    """Everything that hangs in the trees of head.json."""
    head = pack.json("head.json")
    yield from check_shape(head)
    catalogue = Catalogue()
    before = 0
    for link in pack.json("proof/changes.json")["changes"]:
        if link["id"] <= before:
            yield "The changes of the lists and campaigns are not in the order in which they were recorded."
        before = link["id"]
        try:
            catalogue.add(check_link(link, head["changes"]))
            counts["changes"] += 1
        except Fault as fault:
            yield f"Change {link['id']} of the lists and campaigns {fault}."
    index = pack.json("index.json")
    if index["ledger"] != head["ledger"]:
        yield "index.json names another ledger than head.json."
    entries = [entry for entry in index["addresses"] if entry["page"] is not None]
    pages = {entry["page"]: entry for entry in entries}
    numbers = [page[len("pages/") :] for page in pages if re.match(r"pages/[0-9]+\Z", page)]
    files = [pattern.format(number) for number in numbers for pattern in OF_A_PAGE]
    if len(numbers) != len(entries) or sorted([*files, *ALWAYS, MANIFEST]) != pack.names:
        yield "index.json does not name the pages that are there, each once, or there are files that no pack has."
        return
    answered: Counter[tuple[str, str, bool]] = Counter()
    for page, entry in pages.items():
        where = page + ".json"
        told, proof = pack.json(where), pack.json(page.replace("pages/", "proof/", 1) + ".json")
        counts["pages"] += 1
        if told["address"] != entry["address"] or told["ledger"] != head["ledger"]:
            yield f"{where} is about another address or ledger than index.json says."
        if len(told["contact_points"]) != len(proof["contact_points"]):
            yield f"{where} has not as many contact points as its proof."
        for shown, point in zip(told["contact_points"], proof["contact_points"]):  # noqa: B905 - new in 3.10
            counts["events"] += len(point["events"])
            if shown["address"] != told["address"]:
                yield f"{where} is about more than one address."
            yield from check_point(shown, point, head["events"], catalogue, where)
            for answer in shown["answers"]:
                if answer["list"] is None:
                    answered[answer["at"], answer["channel"], answer["permitted"]] += 1
    summed: Counter[tuple[str, str, bool]] = Counter()
    for each in index["sums"]:
        summed[each["at"], each["channel"], True] += each["yes"]
        summed[each["at"], each["channel"], False] += each["no"]
    if +summed != +answered:
        yield "index.json does not sum what the pages answer."


def check_shape(head: Json) -> Iterator[str]:
    """What a head has to have, whether or not anything hangs in it."""
    for name in CHAINS:
        end = head[name]
        if type(end["count"]) is not int or any(
            len(bytes.fromhex(end[key])) != 32 for key in ("digest", "root")
        ):
            yield "head.json is no head of a ledger."
    if not all(isinstance(head[key], str) for key in ("ledger", "at")):
        yield "head.json is no head of a ledger."


def check_head(pack: Pack, kept_at: str) -> Iterator[str]:
    """The pack's head against one that was kept elsewhere: the same, or an older one that it goes on from."""
    try:
        kept = json.loads(Path(kept_at).read_bytes().decode("utf-8-sig"))
        kept_ends = {name: (kept[name]["count"], kept[name]["digest"], kept[name]["root"]) for name in CHAINS}
    except (OSError, ValueError, KeyError, TypeError):
        yield f"{kept_at} is no head of a ledger, or cannot be read."
        return
    head = pack.json("head.json")
    if kept["ledger"] != head["ledger"]:
        yield f"The head that was kept is of ledger {kept['ledger']}, and the pack of ledger {head['ledger']}."
        return
    bridges = pack.json("proof/bridges.json")
    newer = [name for name in CHAINS if kept_ends[name][0] > head[name]["count"]]
    if newer:
        told = ", ".join(
            f"{kept_ends[name][0]} {CHAINS[name]}, the pack's {head[name]['count']}" for name in newer
        )
        yield (
            f"The head that was kept is newer than the pack: it has {told}. Hold it against a pack that was written "
            "later, or this pack against an older head."
        )
    for name, what in CHAINS.items():
        if name in newer:
            continue
        end = head[name]
        count, digest, root = kept_ends[name]
        if (count, digest, root) == (end["count"], end["digest"], end["root"]):
            continue
        bridge = bridges.get(name)
        if count == end["count"] or (bridge is not None and bridge["count"] == count):
            sentence = f"The {what} of the pack are not those that the head which was kept stands for."
            if bridge is None or count == end["count"] or bridge["digest"] != digest:
                yield sentence
                continue
            try:
                now, then = root_over(count, end["count"], bytes.fromhex(digest), bridge["path"])
            except Fault:
                yield sentence
                continue
            if (now.hex(), then.hex()) != (end["root"], root):
                yield sentence
        elif count:
            yield (
                f"The pack cannot be held against this head: it has {count} {what}, the pack's {end['count']}, and the "
                "pack was not written to go on from it (`consentdesk evidence ... --head FILE` does that)."
            )


CHAINS = {
    "events": "events",
    "changes": "changes of lists and campaigns",
    "log": "lines of the operators' log",
}


def shown(sentence: str) -> str:
    """A sentence with whatever a pack says in it, on one line, short, and harmless to a terminal."""
    return re.sub(r"[^ -~]", lambda found: ascii(found.group())[1:-1], sentence[:1000])


def check(where: str, kept_at: str | None, manifest: str | None = None) -> tuple[list[str], str]:
    """Every fault as a sentence, and what is told when there is none.

    ``kept_at`` is the file of a head that was kept elsewhere, ``manifest`` the SHA-256 of a manifest, from elsewhere.
    """
    try:
        pack = Pack(where)
    except Exception:  # noqa: BLE001 - what zipfile raises for a ZIP file that was made to annoy it has no end
        return [shown(f"{where} is no evidence pack: it is neither a folder nor a whole ZIP file.")], ""
    counts = {"pages": 0, "events": 0, "changes": 0}
    faults = _all_of(pack.wrong_with_container())
    if faults:
        return faults, ""
    for step in (check_manifest(pack), check_proofs(pack, counts)):
        faults += _all_of(step)
    if kept_at is not None:
        faults += _all_of(check_head(pack, kept_at))
    if manifest is not None:
        faults += _all_of(check_digest(pack, manifest))
    if faults:
        return faults, ""
    head = pack.json("head.json")
    goes_on = "" if kept_at is None else ", which goes on from the head that was kept"
    return faults, (
        f"Everything fits together: {len(pack.names)} files, {counts['pages']} pages, {counts['events']} events and "
        f"{counts['changes']} changes of lists and campaigns, all under the head of {shown(head['at'])} "
        f"(ledger {shown(head['ledger'])}, {head['events']['count']} events){goes_on}.\n"
        f"The manifest's SHA-256 is {digest_of(pack)}{'' if manifest is None else ', the one that was given'}."
        f"{'' if manifest is not None else MEANING}"
    )


MEANING = (
    "\nThis shows that the files are those of their manifest, and that the events hang under their head; whether it is "
    "the manifest that was handed over, which alone holds the HTML pages, is shown by --manifest SHA256."
)


def digest_of(pack: Pack) -> str:
    """The SHA-256 of the manifest, which stands for the whole pack."""
    return hashlib.sha256(pack.read(MANIFEST)).hexdigest()


def check_digest(pack: Pack, expected: str) -> Iterator[str]:
    """The manifest against the SHA-256 of one that is known from elsewhere."""
    if digest_of(pack) != expected:
        yield f"This is not the pack that was asked for, or not as it was: its manifest's SHA-256 is {digest_of(pack)}."


def _all_of(step: Iterator[str]) -> list[str]:
    found = []
    try:
        for sentence in step:
            found.append(shown(sentence))
    except Fault as fault:
        found.append(shown(str(fault)))
    except Exception as error:  # noqa: BLE001 - whatever a changed file makes of the reading of it
        found.append(
            f"The pack cannot be read to its end: something in it is not as it was written ({type(error).__name__})."
        )
    return found


def main(arguments: list[str]) -> int:
    """The command: exit code 0 when everything fits, 1 when something does not, 2 for wrong use."""
    wanted, kept_at, manifest = [], None, None
    words = iter(arguments)
    for word in words:
        if word in ("-h", "--help"):
            print(__doc__)
            return 0
        if word == "--head":
            kept_at = next(words, "")
        elif word == "--manifest":
            manifest = next(words, "").strip().lower()
        elif word.startswith("-"):
            wrong_use(shown(f"There is no option {word}."))
        else:
            wanted.append(word)
    if len(wanted) > 1 or kept_at == "":
        wrong_use("Give one pack, and a file after --head.")
    if manifest is not None and not re.match(r"[0-9a-f]{64}\Z", manifest):
        wrong_use("Give the 64 hexadecimal digits of a SHA-256 after --manifest.")
    where = wanted[0] if wanted else str(Path(__file__).resolve().parent)
    faults, sentence = check(where, kept_at, manifest)
    for fault in faults:
        print(fault)
    print(sentence or f"This pack does not fit: {_amount(len(faults))} found.")
    if sentence:
        print("What this cannot show:")
        for limit in LIMITS:
            print(f"- {limit}")
    return 1 if faults else 0


def _amount(number: int) -> str:
    return "1 fault was" if number == 1 else f"{number} faults were"


def wrong_use(sentence: str) -> NoReturn:
    """Leave with a sentence on standard error."""
    print(sentence, file=sys.stderr)
    raise SystemExit(2)


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has read enough, and nothing is to be said to them any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
