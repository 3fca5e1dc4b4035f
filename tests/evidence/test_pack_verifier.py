"""The verifier that the other side runs: it finds what was changed, and says what it cannot find."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from evidence_kit import (
    EMAIL,
    NUMBER,
    OPERATOR,
    STOPPED,
    UNSEEN,
    WORDING,
    build,
    edit,
    faults,
    opened,
    pack,
    page_of,
    read,
    seal,
)

from consentdesk.display.json_head import head_json
from consentdesk.ledger.tree import Tree
from consentdesk.reports.evidence import verify_pack
from consentdesk.reports.evidence.container import MANIFEST
from consentdesk.reports.evidence.question import PackQuestion
from consentdesk.rules.vocabulary import Channel

VERIFIER = Path(verify_pack.__file__)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with a pack of it as a folder and as a ZIP file."""
    where = tmp_path_factory.mktemp("written")
    build(where / "ledger.db")
    pack(where / "ledger.db", where / "pack")
    pack(where / "ledger.db", where / "pack.zip")
    return where


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy of the folder, to be changed."""
    return Path(shutil.copytree(written / "pack", tmp_path / "pack"))


def _run(*arguments: str, cwd: Path | None = None) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-I", *arguments], capture_output=True, cwd=cwd, check=False, timeout=60, text=True
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_the_other_side_needs_nothing_but_python(written: Path) -> None:
    """In the unpacked folder, with no path to the product, the pack's own verifier says that it fits together."""
    code, told = _run("verify.py", cwd=written / "pack")
    assert (code, told.split(":")[0]) == (0, "Everything fits together")
    assert "3 pages, 8 events and 3 changes" in told
    assert "That nothing was left out" in told


def test_a_zip_is_checked_from_outside(written: Path, tmp_path: Path) -> None:
    """The verifier reads the ZIP file itself; one byte changed in it ends with 1 and a sentence."""
    shutil.copy(VERIFIER, tmp_path / "verify.py")
    assert _run("verify.py", str(written / "pack.zip"), cwd=tmp_path)[0] == 0
    content = bytearray((written / "pack.zip").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "pack.zip").write_bytes(content)
    code, told = _run("verify.py", "pack.zip", cwd=tmp_path)
    assert code == 1
    assert "does not fit" in told


def test_a_manifest_from_elsewhere_tells_a_pack_that_was_made_anew(written: Path, folder: Path) -> None:
    """A changed page under a new manifest fits together; held against the letter's digest it does not."""
    digest = hashlib.sha256((written / "pack" / MANIFEST).read_bytes()).hexdigest()
    _, told = verify_pack.check(str(written / "pack"), None, digest)
    assert f"SHA-256 is {digest}, the one that was given." in told
    page = page_of(folder, NUMBER).with_suffix(".html")
    page.write_text(page.read_text().replace("opted in", "opted out"))
    seal(folder)
    assert "is shown by --manifest" in verify_pack.check(str(folder), None)[1]
    [fault] = verify_pack.check(str(folder), None, digest)[0]
    assert "not the pack that was asked for" in fault
    with pytest.raises(SystemExit, match="2"):
        verify_pack.main([str(folder), "--manifest", digest[:-1]])


def test_a_reader_who_has_enough_is_told_nothing_more(written: Path) -> None:
    """Into a pipe that nobody reads any more the verifier ends without a word of its own."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-I", "verify.py"]
    with os.fdopen(writing, "wb") as pipe:
        ran = subprocess.run(
            command, stdout=pipe, stderr=subprocess.PIPE, cwd=written / "pack", check=False, timeout=60
        )
    assert (ran.returncode, ran.stderr) == (1, b"")


def test_it_is_python_3_8_of_the_standard_library() -> None:
    """Old syntax and the standard library only, since nobody knows what the other side has."""
    tree = ast.parse(VERIFIER.read_text(), feature_version=(3, 8))
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {
        name.split(".")[0]
        for node in named
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert modules <= sys.stdlib_module_names


def test_one_byte_changed_in_any_file_is_found(folder: Path) -> None:
    """In every file of a pack, at its beginning, its end and between, a changed byte is a fault that names the file."""
    chosen = random.Random(5)
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        content = path.read_bytes()
        for place in {0, len(content) - 1, *(chosen.randrange(len(content)) for _ in range(3))}:
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            found = faults(folder)
            assert found, (path, place)
            is_manifest = path.name == MANIFEST  # whose byte may be in the name of another file
            assert is_manifest or any(path.name in fault for fault in found), (path, place)
        path.write_bytes(content)
    assert faults(folder) == []


def test_one_byte_changed_anywhere_in_a_zip_is_found(written: Path, tmp_path: Path) -> None:
    """Also in what the ZIP file says of its files: no byte of it is nobody's."""
    content = (written / "pack.zip").read_bytes()
    target = tmp_path / "pack.zip"
    chosen = random.Random(7)
    headers = [place for place in range(46) if place > 0]
    end = range(len(content) - 70, len(content), 3)
    for place in [*headers, *end, *(chosen.randrange(len(content)) for _ in range(40))]:
        target.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        assert faults(target), place
    target.write_bytes(content + b"\0")
    assert faults(target)
    target.write_bytes(content[:-1])
    assert faults(target)


def _event(shape: Any, place: int = 0) -> Any:
    return shape["contact_points"][0]["events"][place]


def _swap_paths(shape: Any) -> None:
    one, other = _event(shape, 0), _event(shape, 1)
    one["path"], other["path"] = other["path"], one["path"]


def _swap_events(shape: Any) -> None:
    one, other = _event(shape, 0), _event(shape, 1)
    one["id"], other["id"] = other["id"], one["id"]


def _forge(shape: Any) -> None:
    """Change what the chain says and compute its digest anew."""
    link = _event(shape)
    said = json.loads(link["canonical"]) | {"operator": "nobody"}
    link["canonical"] = json.dumps(said, sort_keys=True, separators=(",", ":"))
    inner = hashlib.sha256(link["canonical"].encode()).digest()
    link["digest"] = hashlib.sha256(bytes.fromhex(link["predecessor"]) + inner).hexdigest()


def _reword(shape: Any) -> None:
    change = next(each for each in shape["changes"] if "Reply STOP" in each["canonical"])
    change["canonical"] = change["canonical"].replace("Reply STOP", "Reply nope")


def _hide_in_salt(shape: Any) -> None:
    """Let a text begin later: what stood before becomes salt, and the hash is the same."""
    opening = _event(shape, 2)["texts"]["reference"]
    opening["salt"] += opening["text"][:2].encode().hex()
    opening["text"] = opening["text"][2:]


FORGERIES: dict[str, tuple[str, Callable[[Any], object], str]] = {
    "an event's kind on the page": ("page", lambda s: _event(s).update(kind="opt_out"), "another kind"),
    "an event's time on the page": (
        "page",
        lambda s: _event(s).update(occurred_at="2024-01-01T00:00:00Z"),
        "another occurred_at",
    ),
    "true told as 1": ("page", lambda s: _event(s).update(dated=int(_event(s)["dated"])), "another dated"),
    "the operator on the page": ("page", lambda s: _event(s).update(operator="nobody"), "another operator"),
    "the wording on the page": (
        "page",
        lambda s: _event(s, -1).update(wording="Anything"),
        "another wording",
    ),
    "the wording in an answer": (
        "page",
        lambda s: s["contact_points"][0]["answers"][0].update(wording="Anything"),
        "another wording",
    ),
    "the list on the page": ("page", lambda s: _event(s).update(list="News"), "another list"),
    "a reference on the page": ("page", lambda s: _event(s, 3).update(reference="T-1"), "another reference"),
    "the digest on the page": ("page", lambda s: _event(s).update(digest="0" * 64), "another digest"),
    "a retraction hidden": ("page", lambda s: _event(s, 1).update(retracted_by=None), "retracted otherwise"),
    "an event dropped from the page": (
        "page",
        lambda s: s["contact_points"][0]["events"].pop(),
        "one of them only",
    ),
    "an event dropped from the proof": (
        "proof",
        lambda s: s["contact_points"][0]["events"].pop(),
        "one of them only",
    ),
    "an event twice": (
        "proof",
        lambda s: s["contact_points"][0]["events"].append(_event(s)),
        "an event twice",
    ),
    "the page's address": (
        "page",
        lambda s: s["contact_points"][0].update(address="+61491570158"),
        "shows another address",
    ),
    "the proof's address": (
        "proof",
        lambda s: s["contact_points"][0]["address"].update(text="+61491570158"),
        "another address",
    ),
    "the salt of the address": (
        "proof",
        lambda s: s["contact_points"][0]["address"].update(salt="00" * 16),
        "belongs to another address",
    ),
    "the channel": (
        "page",
        lambda s: s["contact_points"][0].update(channel="whatsapp"),
        "another contact point",
    ),
    "a text in the proof": (
        "proof",
        lambda s: _event(s, 2)["texts"]["reference"].update(text="T-1"),
        "another reference",
    ),
    "the beginning of a text moved into its salt": ("proof", _hide_in_salt, "a salt of another length"),
    "an address that is said to be erased": (
        "proof",
        lambda s: s["contact_points"][0].update(address=None),
        "shows another address",
    ),
    "a change of a campaign put before an earlier one": (
        "changes",
        lambda s: s["changes"].reverse(),
        "not in the order",
    ),
    "a head without a time": ("head", lambda s: s.pop("at"), "cannot be read"),
    "a head with words for a count": ("head", lambda s: s["log"].update(count="7"), "no head of a ledger"),
    "a page under two addresses": (
        "index",
        lambda s: s["addresses"].insert(0, {**s["addresses"][0], "address": "+61491570158"}),
        "each once",
    ),
    "proofs swapped": ("proof", _swap_paths, "does not lead to the root"),
    "events swapped": ("proof", _swap_events, "given as another one"),
    "a hash of a proof": (
        "proof",
        lambda s: _event(s)["path"].__setitem__(0, "0" * 64),
        "does not lead to the root",
    ),
    "a proof cut short": ("proof", lambda s: _event(s)["path"].pop(), "too short"),
    "a proof made longer": ("proof", lambda s: _event(s)["path"].append("0" * 64), "too long"),
    "the predecessor": (
        "proof",
        lambda s: _event(s, 2).update(predecessor="11" * 32),
        "not what its digest stands for",
    ),
    "the chain's own words": (
        "proof",
        lambda s: _event(s).update(canonical=_event(s)["canonical"].replace("anna", "nobo")),
        "not what its digest stands for",
    ),
    "a forged event with a digest of its own": ("proof", _forge, "does not lead to the root"),
    "white space in the chain's words": (
        "proof",
        lambda s: _event(s).update(canonical=_event(s)["canonical"].replace(",", ", ")),
        "not canonical",
    ),
    "a wording in the catalogue's chain": ("changes", _reword, "is not what its digest stands for"),
    "a change of a campaign left out": ("changes", lambda s: s["changes"].pop(), "another wording"),
    "the head's root": ("head", lambda s: s["events"].update(root="0" * 64), "does not lead to the root"),
    "the head's count": ("head", lambda s: s["events"].update(count=7), "is not within the tree"),
    "the head's ledger": ("head", lambda s: s.update(ledger="0" * 32), "another ledger"),
    "a page that the index does not name": (
        "index",
        lambda s: s["addresses"].pop(0),
        "does not name the pages",
    ),
    "a page under another address": (
        "index",
        lambda s: s["addresses"][0].update(address="+61491570158"),
        "another address",
    ),
    "a sum of the answers": ("index", lambda s: s["sums"][0].update(yes=9), "does not sum"),
    "something else than JSON's shapes": ("page", lambda s: s.update(contact_points=7), "cannot be read"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_with_its_checksums_computed_anew_is_found(name: str, folder: Path) -> None:
    """Whoever changes a pack can make a new manifest, and not a new chain under the same head."""
    where, how, sentence = FORGERIES[name]
    page = page_of(folder, NUMBER)
    paths = {
        "page": page,
        "proof": folder / "proof" / page.name,
        "changes": folder / "proof" / "changes.json",
        "head": folder / "head.json",
        "index": folder / "index.json",
    }
    edit(paths[where], how)
    seal(folder)
    found = faults(folder)
    assert any(sentence in fault for fault in found), found


def _add_a_page(folder: Path) -> None:
    (folder / "pages" / "0009.html").write_text("x")
    seal(folder)


def _name_a_file_outside(folder: Path) -> None:
    outside = f"{hashlib.sha256(Path('/etc/hosts').read_bytes()).hexdigest()}  {'../' * 30}etc/hosts"
    manifest = folder / MANIFEST
    manifest.write_text(outside + "\n" + manifest.read_text())


def _link(folder: Path) -> None:
    outside = (folder / "index.html").rename(folder.parent / "outside.html")
    (folder / "index.html").symlink_to(outside)


def _say_a_key_twice(folder: Path) -> None:
    page = page_of(folder, NUMBER)
    said = '"kind": "opt_out"'
    page.write_text(page.read_text().replace(said, f'"kind": "opt_in", {said}'))
    seal(folder)


def _put_escapes(folder: Path) -> None:
    def put(shape: Any) -> None:
        shape["contact_points"][0]["answers"][0]["because"]["event_id"] = "\x1b[2J\n"

    edit(page_of(folder, NUMBER), put)
    seal(folder)


def _retitle(folder: Path) -> None:
    """Put a page under the address of somebody else, and name it so in the index."""
    page, index = page_of(folder, NUMBER), folder / "index.json"
    edit(page, lambda shape: shape.update(address=UNSEEN))
    edit(index, lambda shape: shape["addresses"][0].update(address=UNSEEN))
    seal(folder)


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        (lambda folder: (folder / "more.txt").write_text("x"), "more.txt does not belong to the pack."),
        (lambda folder: (folder / "pages" / "0001.html").unlink(), "pages/0001.html is missing or damaged."),
        (lambda folder: (folder / "manifest.sha256").unlink(), "manifest.sha256 is missing"),
        (lambda folder: (folder / "manifest.sha256").write_text("\x1b[2J\n"), "line that was not written so"),
        (lambda folder: (folder / "head.json").write_text("{}"), "head.json was changed"),
        (_add_a_page, "there are files that no pack has"),
        (_name_a_file_outside, "etc/hosts is missing or damaged"),
        (_link, "index.html is no ordinary file"),
        (_say_a_key_twice, "has JSON that was not written so"),
        (_put_escapes, "names event \\x1b[2J\\n, which is not on it"),
        (_retitle, "is about more than one address"),
        (
            lambda folder: (folder / "verify.py").write_bytes((folder / "verify.py").read_bytes()[:-9]),
            "verify.py was changed",
        ),
    ],
)
def test_files_that_are_gone_cut_or_added_are_named(
    folder: Path, how: Callable[[Path], object], sentence: str
) -> None:
    """The pack is exactly the files of its manifest; nothing of a bad one reaches the terminal unescaped."""
    how(folder)
    found = faults(folder)
    assert any(sentence in fault for fault in found), found
    assert all(fault.isprintable() for fault in found)


def test_however_an_address_was_asked_for_its_page_fits(written: Path, tmp_path: Path) -> None:
    """Letter case is the asker's; page, answers and proof have the address as it was recorded, and fit together."""
    pack(written / "ledger.db", tmp_path / "pack", [EMAIL.upper(), f" {EMAIL.title()} "])
    assert faults(tmp_path / "pack") == []
    [entry] = read(tmp_path / "pack" / "index.json")["addresses"]
    assert entry["address"] == EMAIL
    assert [each["text"] for each in entry["asked_for"]] == [EMAIL.upper(), f" {EMAIL.title()} "]


def test_a_zip_file_that_was_made_to_annoy_is_told_in_a_sentence(written: Path, tmp_path: Path) -> None:
    """A bomb is not unpacked, and a ZIP file of a version that nobody knows ends in a sentence as well."""
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr(MANIFEST, b"\0" * 1_000_000)
    assert faults(tmp_path / "bomb.zip") == [
        f"The ZIP file says something of {MANIFEST} that was not written there."
    ]
    content = bytearray((written / "pack.zip").read_bytes())
    content[content.rindex(b"PK\1\2") + 6] = 99
    (tmp_path / "new.zip").write_bytes(content)
    [told] = faults(tmp_path / "new.zip")
    assert told.endswith("neither a folder nor a whole ZIP file.")


def test_something_that_is_no_pack_is_told_in_one_sentence(tmp_path: Path) -> None:
    """A file that is no ZIP ends in a sentence, and so does a folder of something else."""
    (tmp_path / "x.zip").write_bytes(b"PK nonsense")
    assert faults(tmp_path / "x.zip") == [
        f"{tmp_path}/x.zip is no evidence pack: it is neither a folder nor a whole ZIP file."
    ]
    assert faults(tmp_path)[0].startswith("manifest.sha256 is missing")


def test_every_leaf_of_every_tree_leads_to_its_root_and_to_the_root_it_had() -> None:
    """The verifier's proofs are those of the ledger's tree, for every size and place, and bridge from older heads."""
    digests = [hashlib.sha256(bytes([number])).digest() for number in range(24)]
    roots = []
    for size in range(1, 25):
        tree = Tree(range(1, size + 1))
        for digest in digests[:size]:
            tree.add(digest)
        roots.append(tree.root())
        for number, path in tree.proofs().items():
            found = verify_pack.root_over(number, size, digests[number - 1], [each.hex() for each in path])
            assert found == (tree.root(), roots[number - 1])


def test_a_head_that_was_kept_shows_that_the_pack_goes_on_from_it(tmp_path: Path) -> None:
    """Held against an older head the pack fits if it was written to go on from it, and says so if it was not."""
    ledger = tmp_path / "ledger.db"
    build(ledger)
    with opened(ledger, at="2026-01-01T00:00") as book:
        kept = book.head()
        (tmp_path / "kept.json").write_text(json.dumps(head_json(kept)))
    pack(ledger, tmp_path / "plain", [NUMBER])
    with opened(ledger) as book:
        book.add_list("Later", Channel.SMS, OPERATOR)
    pack(ledger, tmp_path / "bridged", [NUMBER], PackQuestion(kept=kept))
    assert faults(tmp_path / "bridged", tmp_path / "kept.json") == []
    assert faults(tmp_path / "bridged", tmp_path / "bridged" / "head.json") == []
    [told] = faults(tmp_path / "plain", tmp_path / "bridged" / "head.json")
    assert told.startswith("The head that was kept is newer than the pack: it has ")
    pack(ledger, tmp_path / "unbridged", [NUMBER])
    assert "not written to go on from it" in faults(tmp_path / "unbridged", tmp_path / "kept.json")[0]
    for name in ("root", "digest"):
        shape = head_json(kept)
        shape["changes"] = {**read(tmp_path / "kept.json")["changes"], name: "0" * 64}
        (tmp_path / "forged.json").write_text(json.dumps(shape))
        assert "are not those" in faults(tmp_path / "bridged", tmp_path / "forged.json")[0]
    (tmp_path / "other.json").write_text(json.dumps({**head_json(kept), "ledger": "\x1b[2J"}))
    [told] = faults(tmp_path / "bridged", tmp_path / "other.json")
    assert told.startswith("The head that was kept is of ledger \\x1b[2J")
    (tmp_path / "other.json").write_text("7")
    assert "is no head of a ledger" in faults(tmp_path / "bridged", tmp_path / "other.json")[0]


def test_the_pages_say_what_was_shown_when_it_was_recorded(written: Path) -> None:
    """A wording is the one in force at the recording, not the one that the campaign has now."""
    events = read(page_of(written / "pack", NUMBER))["contact_points"][0]["events"]
    wordings = {event["id"]: event["wording"] for event in events if event["kind"] == "opt_in"}
    assert set(wordings.values()) == {WORDING, "Yes, anything."}
    assert {read(page_of(written / "pack", each))["address"] for each in (EMAIL, STOPPED)} == {EMAIL, STOPPED}
