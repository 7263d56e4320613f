from __future__ import annotations

import csv
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import feedparser
import httpx
import pytest

from node.museum import Museum
from node.museum.archive import archive
from node.museum.catalogue import Picture, changes, specimens
from node.museum.errors import MuseumClosed, PortTaken, UnknownVersion, UnusableDirectory
from node.museum.web.faults import slow

IMAGE = "/media/MDS00010401.jpg"


def test_the_archive_is_served_as_written(museum: Museum, client: httpx.Client) -> None:
    response = client.get(museum.archive_url)
    assert response.content == archive(1, museum.url)
    assert response.headers["content-type"] == "application/zip"


def test_the_feed_names_the_archive_and_its_metadata(museum: Museum, client: httpx.Client) -> None:
    (entry,) = feedparser.parse(client.get(museum.feed_url).content).entries
    assert (entry.ipt_dwca, entry.ipt_eml) == (museum.archive_url, museum.eml_url)
    museum.advance()
    (later,) = feedparser.parse(client.get(museum.feed_url).content).entries
    assert later.guid != entry.guid


def test_each_image_is_what_the_catalogue_says(museum: Museum, client: httpx.Client) -> None:
    seen = {}
    for specimen in specimens(1):
        response = client.get(museum.image_url(specimen.catalog_number))
        kind = response.headers["content-type"].partition(";")[0]
        seen[specimen.catalog_number] = hashlib.sha256(response.content).hexdigest()
        assert (response.status_code, kind) == {
            Picture.DRAWN: (200, "image/jpeg"),
            Picture.COPY: (200, "image/jpeg"),
            Picture.PAGE: (200, "text/html"),
            Picture.MISSING: (404, "text/html"),
            Picture.NONE: (404, "text/html"),
        }[specimen.picture]
    assert seen["MDS00010418"] == seen["MDS00010404"]
    drawn = [seen[one.catalog_number] for one in specimens(1) if one.picture is Picture.DRAWN]
    assert len(set(drawn)) == 24


def test_between_versions_exactly_one_image_changes_one_comes_and_one_is_gone(
    museum: Museum, client: httpx.Client
) -> None:
    numbers = [one.catalog_number for one in (*specimens(1), *specimens(2)) if one.picture is Picture.DRAWN]
    before = {number: client.get(museum.image_url(number)) for number in numbers}
    museum.requests.clear()
    museum.advance()
    status = {}
    for number, old in before.items():
        condition = {"If-None-Match": old.headers["etag"]} if old.status_code == 200 else {}
        status[number] = client.get(museum.image_url(number), headers=condition).status_code
    told = changes()
    assert [number for number, code in status.items() if code == 410] == list(told.removed)
    assert {number for number, code in status.items() if code == 200} == {*told.rephotographed, *told.added}
    assert sum(code == 304 for code in status.values()) == 22
    drawn_anew = [f"/media/{number}.jpg" for number in (*told.rephotographed, *told.added)]
    bodies = {path: sent for path, sent in museum.requests.bytes_by_path().items() if sent > 100}
    assert sorted(bodies) == sorted(drawn_anew)


def test_head_says_what_get_says_without_the_body(museum: Museum, client: httpx.Client) -> None:
    head, get = client.head(museum.url + IMAGE), client.get(museum.url + IMAGE)
    assert head.content == b""
    for name in ("content-length", "content-type", "etag", "last-modified", "accept-ranges"):
        assert head.headers[name] == get.headers[name]


def test_a_download_resumes_where_it_stopped(museum: Museum, client: httpx.Client) -> None:
    whole = client.get(museum.url + IMAGE)
    rest = client.get(museum.url + IMAGE, headers={"Range": "bytes=1000-", "If-Range": whole.headers["etag"]})
    assert rest.status_code == 206
    assert whole.content[:1000] + rest.content == whole.content


def test_one_connection_serves_many_requests_quickly(museum: Museum, client: httpx.Client) -> None:
    started = time.monotonic()
    for _ in range(40):
        client.get(museum.url + IMAGE)
    assert {entry.connection for entry in museum.requests} == {1}
    assert time.monotonic() - started < 1.5, "delayed acknowledgements would take 40 ms for each request"


def test_the_log_tells_bytes_statuses_and_headers(museum: Museum, client: httpx.Client) -> None:
    client.get(museum.url + IMAGE, headers={"Range": "bytes=0-99", "User-Agent": "a-test"})
    client.get(museum.url + "/nothing")
    (first,) = museum.requests.of(IMAGE)
    assert (first.status, first.sent, first.request.headers["user-agent"]) == (206, 100, "a-test")
    assert museum.requests.bytes_sent(IMAGE) == 100
    assert [entry.status for entry in museum.requests] == [206, 404]
    museum.requests.clear()
    assert len(museum.requests) == 0


def test_the_log_counts_requests_at_the_same_time(museum: Museum) -> None:
    museum.trouble(IMAGE, slow(delay=0.3))
    threads = [threading.Thread(target=httpx.get, args=(museum.url + IMAGE,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert museum.requests.most_at_once == 3


def test_robots_close_the_private_room(museum: Museum, client: httpx.Client) -> None:
    assert "Disallow: /private/" in client.get(museum.url + "/robots.txt").text


def test_lists_name_every_announced_image(museum: Museum, client: httpx.Client) -> None:
    urls = client.get(museum.list_url).text.split()
    table = list(csv.DictReader(client.get(museum.table_url).text.splitlines()))
    assert len(urls) == 27
    assert [row["url"] for row in table] == urls


def test_ground_truth_is_served_beside_each_drawing(museum: Museum, client: httpx.Client) -> None:
    truth = json.loads(client.get(museum.url + "/truth/MDS00020102.json").content)
    (mask,) = [one["mask"] for one in truth["regions"] if one["type"] == "specimen"]
    assert client.get(f"{museum.url}/truth/{mask}").headers["content-type"] == "image/png"


def test_pages_show_the_specimen(museum: Museum, client: httpx.Client) -> None:
    assert client.get(museum.url).text.count("<figure>") == 24
    assert "Locality and coordinates withheld" in client.get(museum.url + "/specimen/MDS00010410").text


def test_a_visitor_may_publish_the_second_version(museum: Museum, client: httpx.Client) -> None:
    assert client.post(museum.url + "/advance").status_code == 200
    assert museum.version == 2
    assert client.get(museum.archive_url).content == archive(2, museum.url)


def test_a_second_opening_draws_nothing_and_serves_the_same_bytes(drawings_directory: Path) -> None:
    with Museum(drawings_directory) as first:
        kept = {path: path.stat().st_mtime_ns for path in drawings_directory.iterdir()}
        image = first.resources[IMAGE]
    told: list[tuple[int, int]] = []
    with Museum(drawings_directory, on_drawn=lambda ready, wanted: told.append((ready, wanted))) as second:
        assert second.resources[IMAGE] == image
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert told[-1] == (24, 24)


def test_errors_say_what_to_do(tmp_path: Path, drawings_directory: Path) -> None:
    with pytest.raises(UnknownVersion, match="version=1 or 2"):
        Museum(tmp_path, version=7)
    with pytest.raises(MuseumClosed):
        _ = Museum(tmp_path).url
    with Museum(drawings_directory) as open_one, pytest.raises(PortTaken, match="choose another port"):
        Museum(drawings_directory, port=int(open_one.url.rpartition(":")[2])).__enter__()
    (tmp_path / "a-file").write_bytes(b"")
    with pytest.raises(UnusableDirectory, match="a directory you can write to"):
        Museum(tmp_path / "a-file").__enter__()


def test_closing_hangs_up_on_idle_connections(drawings_directory: Path) -> None:
    with Museum(drawings_directory) as museum:
        host, port = museum.url.removeprefix("http://").split(":")
        idle = socket.create_connection((host, int(port)), timeout=5)
        idle.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: museum\r\n\r\n")
        assert idle.recv(4096).startswith(b"HTTP/1.1 200")
    while idle.recv(4096):
        pass
    idle.close()


def test_the_module_serves_until_it_is_told_to_stop(drawings_directory: Path) -> None:
    command = [sys.executable, "-m", "node.museum", "--port", "0", "--dir", str(drawings_directory)]
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        command, cwd=root, stderr=subprocess.PIPE, text=True, env={**os.environ}
    ) as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "The museum is open" in line)
        assert httpx.get(line.split()[-1] + "/robots.txt", trust_env=False).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
