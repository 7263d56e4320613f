"""A node served by a real process: what anyone on the network can get out of it, and what nobody can."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from node.cli.main import run
from node.compose import open_node
from node.create import create_node
from node.layout import Layout
from node.serve.application import LARGEST_BODY
from node.serve.pack import HEADER, MEDIA_TYPE, PackState, decode_frame, encode_request

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Serve
    from tests.node.serve.conftest import Served


def _parts(raw: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *fields = head.decode("latin-1").split("\r\n")
    return int(first.split()[1]), dict(field.lower().split(": ", 1) for field in fields), body


def _blob(served: Served, digest: Digest) -> str:
    return f"{served.url}/blob/sha256/{digest.hex}"


def test_every_public_blob_comes_whole(served: Served) -> None:
    with served.node.index() as index:
        rows = index.rows(
            "SELECT DISTINCT digest FROM capture WHERE digest IS NOT NULL AND access = 'public'"
        )
    assert rows
    for digest in (Digest(row["digest"]) for row in rows):
        assert Digest.of(httpx.get(_blob(served, digest)).content) == digest


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 30 << 20), st.integers(0, 200_000))
@example((24 << 20) - 1, 0)
@example(24 << 20, 0)
def test_a_range_is_the_slice(served: Served, first: int, length: int) -> None:
    answer = httpx.get(
        _blob(served, Digest.of(served.large)), headers={"range": f"bytes={first}-{first + length}"}
    )
    if first >= len(served.large):
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(served.large)}")
    else:
        assert (answer.status_code, answer.content) == (206, served.large[first : first + length + 1])


def test_head_is_get_without_a_body(served: Served) -> None:
    log = f"{served.url}/log/checkpoint"
    for url in (_blob(served, Digest.of(served.large)), log, f"{served.url}/heads", f"{served.url}/healthz"):
        head, got = httpx.head(url), httpx.get(url)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(got.content))
        assert head.headers["content-type"] == got.headers["content-type"]


def test_withheld_unknown_and_no_digest_are_one_answer(served: Served) -> None:
    unnamed = add_bytes(served.node.store, b"here, and named by no public row")
    asked = [unnamed.hex, Digest.of(b"nobody has this").hex, "no-digest", "", "A" * 64, "²" * 64, "a" * 65]
    answers = set()
    for name in asked:
        answer = httpx.get(f"{served.url}/blob/sha256/{name}")
        del answer.headers["date"]
        answers.add((answer.status_code, answer.content, tuple(answer.headers.raw)))
    assert len(answers) == 1
    assert answers.pop()[0] == 404


def test_who_kept_it_is_told_that_it_did_not_change(served: Served) -> None:
    url = _blob(served, Digest.of(served.large))
    answer = httpx.get(url, headers={"if-none-match": httpx.head(url).headers["etag"]})
    assert (answer.status_code, answer.content) == (304, b"")


_NASTY = [
    "/log/../keys/log.pem",
    "/log/%2e%2e/keys/log.pem",
    "/log/..%2fkeys/log.pem",
    "/log/%2e%2e%2fnode.toml",
    "/log//../../../../../etc/passwd",
    "/log/tile/0/..%5c..%5cnode.toml",
    "/mirror/" + "a" * 64 + "/../../keys/identity.pem",
    "/mirror/../keys/identity.pem",
    "/log/checkpoint%00.txt",
    "/log/checkpoint/",
    "/log/tile/0/" + "x000/" * 3000 + "000",
    "/blob/sha256/../../node.toml",
    "/blob/sha256/%2e%2e/%2e%2e/keys/log.pem",
    "/%2e%2e/node.toml",
    "/node.toml",
    "/blobs/tmp/lock",
    "/log.lock",
    "/peers.sqlite",
]


@pytest.mark.parametrize("path", _NASTY)
def test_no_path_leads_out(served: Served, path: str) -> None:
    status, _, body = _parts(served.raw(f"GET {path} HTTP/1.1", "host: a"))
    assert status in (400, 404, 414)
    assert b"PRIVATE" not in body
    assert str(served.node.layout.root).encode() not in body


_TEXT = st.text(st.sampled_from("./%2eE5cC\\x0fF:~0ab"), max_size=40)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["/log/", "/mirror/", "/blob/sha256/", "/"]), _TEXT)
def test_whatever_the_path_the_server_answers_and_tells_nothing(
    served: Served, start: str, rest: str
) -> None:
    status, _, body = _parts(served.raw(f"GET {start}{rest} HTTP/1.1", "host: a"))
    if start + rest == "/":
        return  # the page, of which test_front.py tells
    assert status in (400, 404, 405)
    assert len(body) < 300
    assert b"Traceback" not in body


def test_log_files_are_those_on_disk(served: Served) -> None:
    root = served.node.layout.root
    for path in root.glob("log/**/*"):
        if path.is_file() and "tmp" not in path.parts:
            answer = httpx.get(f"{served.url}/{path.relative_to(root)}")
            assert answer.content == path.read_bytes()
            assert answer.headers["access-control-allow-origin"] == "*"


def test_a_pack_answers_each_digest_in_order(served: Served) -> None:
    large, unknown = Digest.of(served.large), Digest.of(b"nobody has this")
    with served.node.index() as index:
        small = Digest(index.rows("SELECT digest FROM statement")[0]["digest"])
    wanted = [unknown, small, large, small]
    answer = httpx.post(f"{served.url}/pack", content=encode_request(wanted))
    assert answer.headers["content-type"] == MEDIA_TYPE
    data, states = answer.content, []
    for digest in wanted:
        frame, data = decode_frame(data[:HEADER]), data[HEADER:]
        assert frame.digest == digest
        if frame.state is PackState.HERE:
            assert Digest.of(data[: frame.length]) == digest
        states.append(frame.state)
        data = data[frame.length :]
    assert states == [PackState.NOT_HERE, PackState.HERE, PackState.ASK_ALONE, PackState.HERE]
    assert data == b""


@pytest.mark.parametrize("body", [b"", b"x", b"x" * 33])
def test_what_asks_for_no_pack_is_refused(served: Served, body: bytes) -> None:
    assert httpx.post(f"{served.url}/pack", content=body).status_code == 400
    assert httpx.get(f"{served.url}/pack").status_code == 405


def test_a_body_that_is_too_long_is_refused_before_it_is_read(served: Served) -> None:
    said = served.raw("POST /pack HTTP/1.1", "host: a", f"content-length: {LARGEST_BODY + 1}")
    assert _parts(said)[0] == 413


def test_a_body_without_an_end_is_cut_off(served: Served) -> None:
    def endless() -> object:
        for _ in range(1000):
            yield b"x" * 65536

    try:
        status = httpx.post(f"{served.url}/pack", content=endless(), timeout=20).status_code  # type: ignore[arg-type]
    except httpx.TransportError:
        return  # it was hung up on while it sent
    assert status == 413


def test_what_cannot_be_asked_is_said_so(served: Served) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        assert httpx.request(method, f"{served.url}/log/checkpoint").status_code == 405
        assert httpx.request(method, f"{served.url}/heads").status_code == 405
    assert httpx.get(f"{served.url}/nothing-here").status_code == 404


def test_errors_are_words_for_people_and_open_to_scripts(served: Served) -> None:
    for path in ("/blob/sha256/x", "/log/x", "/nothing", "/pack"):
        answer = httpx.get(f"{served.url}{path}")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert set(answer.json()) == {"status", "title"}


def test_it_says_who_it_is(served: Served) -> None:
    said = httpx.get(f"{served.url}/.well-known/vasculum").json()
    assert said["origin"] == "herbarium.test/log"
    assert said["logKey"] == str(served.node.log_key)
    assert said["identity"] == served.node.identity_public.did
    (head,) = httpx.get(f"{served.url}/heads").json()["heads"]
    assert head["checkpoint"].encode() == served.node.reader.signed_checkpoint()


def test_its_did_document_is_for_the_host_that_was_asked(served: Served) -> None:
    raw = served.raw("GET /.well-known/did.json HTTP/1.1", "host: Node.Museum.example:8443")
    said = json.loads(_parts(raw)[2])
    assert said["id"] == "did:web:node.museum.example%3A8443"
    assert said["assertionMethod"] == [said["verificationMethod"][0]["id"]]
    assert said["alsoKnownAs"] == [served.node.identity_public.did]


@pytest.mark.parametrize("host", ["a/b", "a b", 'a"b', "user@a", "a:99999999", "<script>", "-"])
def test_a_host_that_is_none_gets_no_did_document(served: Served, host: str) -> None:
    assert _parts(served.raw("GET /.well-known/did.json HTTP/1.1", f"host: {host}"))[0] == 400


def test_it_tells_its_health_and_counts_what_it_answers(served: Served) -> None:
    assert httpx.get(f"{served.url}/healthz").json() == {"status": "ok"}
    assert httpx.get(f"{served.url}/readyz").json() == {"status": "ready", "faults": []}
    httpx.get(_blob(served, Digest.of(b"nobody has this")))
    counted = httpx.get(f"{served.url}/metrics").text
    assert 'vasculum_requests_total{kind="blob",status="404"}' in counted
    assert "herbarium" not in counted


def test_requests_are_logged_as_json_lines(served: Served) -> None:
    httpx.get(f"{served.url}/log/checkpoint", headers={"x-forwarded-for": "192.0.2.77"})
    said = json.loads(_line_with(served.serving.said, "192.0.2.77"))
    assert (said["path"], said["status"], said["client"]) == ("/log/checkpoint", 200, "192.0.2.77")


def _line_with(path: Path, text: str) -> str:
    """The last line with a text in it; a request is told of when it has been answered."""
    deadline = time.monotonic() + 20
    while not (lines := [line for line in path.read_text().splitlines() if text in line]):
        assert time.monotonic() < deadline, f"nothing was said of {text}"
        time.sleep(0.05)
    return lines[-1]


def test_a_damaged_log_is_not_ready_and_tells_the_public_no_path(
    served: Served, serve: Serve, tmp_path: Path
) -> None:
    node = create_node(Layout(tmp_path / "node"), "Damaged", "damaged.test/log")
    serving = serve(node.layout.root, "--no-jobs")
    (node.layout.log / "checkpoint").write_bytes(b"rubbish")
    answer = httpx.get(f"{serving.url}/readyz")
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text
    assert httpx.get(f"{serving.url}/heads").json() == {"heads": []}
    assert httpx.get(f"{serving.url}/healthz").status_code == 200


def test_whoever_asks_too_often_is_told_when_to_come_back(serve: Serve, tmp_path: Path) -> None:
    node = create_node(Layout(tmp_path / "node"), "Busy", "busy.test/log")
    with node.layout.config.open("a") as file:
        file.write("\n[serve]\nrequests_per_second = 1\nburst = 5\n")
    serving = serve(node.layout.root, "--no-jobs")

    def ask(client: str) -> httpx.Response:
        return httpx.get(f"{serving.url}/log/checkpoint", headers={"x-forwarded-for": client})

    answers = [ask("192.0.2.1") for _ in range(8)]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert ask("192.0.2.2").status_code == 200  # one client's greed is not another's


def test_a_download_under_way_is_finished_before_the_server_ends(serve: Serve, served: Served) -> None:
    serving = serve(served.node.layout.root, "--no-jobs")
    came = bytearray()
    begun = threading.Event()

    def download() -> None:
        url = f"{serving.url}/blob/sha256/{Digest.of(served.large).hex}"
        with httpx.stream("GET", url, timeout=60) as answer:
            for part in answer.iter_bytes(1 << 16):
                came.extend(part)
                begun.set()
                time.sleep(0.002)

    reader = threading.Thread(target=download)
    reader.start()
    assert begun.wait(20)
    assert serving.stop() == 0
    reader.join(60)
    assert bytes(came) == served.large


def test_a_port_that_is_taken_is_told(served: Served, tmp_path: Path) -> None:
    create_node(Layout(tmp_path / "node"), "Second", "second.test/log")
    command = [sys.executable, "-m", "node.cli", "--node", str(tmp_path / "node"), "serve", "--port"]
    said = subprocess.run([*command, str(served.serving.port)], capture_output=True, text=True, timeout=60)
    assert said.returncode == 1
    assert str(served.serving.port) in said.stderr
    assert "Traceback" not in said.stderr


def test_serving_writes_nothing_that_verify_would_name(served: Served) -> None:
    node = open_node(Layout(served.node.layout.root))
    assert run(["--node", str(node.layout.root), "--quiet", "verify", "--deep"]) == 0


def test_a_worker_ends_with_the_process_that_watches_over_it(serve: Serve, tmp_path: Path) -> None:
    create_node(Layout(tmp_path / "node"), "Test Herbarium", "herbarium.test/log")
    serving = serve(tmp_path / "node")
    serving.process.kill()
    serving.process.wait()
    for _ in range(100):
        try:
            httpx.get(f"{serving.url}/healthz")
        except httpx.TransportError:
            return
        time.sleep(0.1)
    raise AssertionError("the worker still answers, ten seconds after its parent was killed")
