"""What runs a node as a service: held to systemd's own judgement, to the package, and to each other."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from node.cli.main import root


@pytest.fixture(scope="module")
def deploy(project_root: Path) -> Path:
    return project_root / "deploy"


@pytest.fixture
def unit(deploy: Path, tmp_path: Path) -> Path:
    """The unit with a program that exists on this machine, too."""
    text = (deploy / "vasculum.service").read_text()
    assert text.count("ExecStart=/opt/vasculum/bin/vasculum ") == 1
    (tmp_path / "vasculum.service").write_text(text.replace("/opt/vasculum/bin/vasculum serve", "/bin/true"))
    return tmp_path / "vasculum.service"


def analyzed(needs_program: Callable[[str], str], *arguments: str | Path) -> str:
    command = [needs_program("systemd-analyze"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


def test_systemd_finds_nothing_wrong_with_the_unit(needs_program: Callable[[str], str], unit: Path) -> None:
    assert analyzed(needs_program, "verify", "--man=no", unit) == ""


def test_systemd_finds_the_service_well_confined(needs_program: Callable[[str], str], unit: Path) -> None:
    """An exposure of at most 2.0; 10.0 is a service without any confinement."""
    analyzed(needs_program, "security", "--no-pager", "--offline=true", "--threshold=20", unit)


def test_all_agree_on_the_port_and_the_folder(deploy: Path) -> None:
    for name, port, folder in (
        ("vasculum.service", "--port 8080", "VASCULUM_NODE=/var/lib/vasculum"),
        ("nginx.conf", "server 127.0.0.1:8080;", "root /var/lib/vasculum;"),
        ("compose.yaml", '"--port", "8080"', "node:/var/lib/vasculum"),
        ("Containerfile", '"--port", "8080"', "VASCULUM_NODE=/var/lib/vasculum"),
    ):
        text = (deploy / name).read_text()
        assert port in text, name
        assert folder in text, name


def test_the_image_is_built_from_all_that_the_package_is_made_of(deploy: Path, project_root: Path) -> None:
    project = tomllib.loads((project_root / "pyproject.toml").read_text())
    needed = {*project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]}
    needed |= {"pyproject.toml", "hatch_build.py", "web"}  # the hook reads its lock file from web/
    needed |= {project["project"]["readme"], *project["project"]["license-files"]}
    lines = re.findall(r"^COPY (?!--)(.*) \S+$", (deploy / "Containerfile").read_text(), flags=re.MULTILINE)
    assert {name for line in lines for name in line.split()} == needed
    extras = re.findall(r"pip install .*'\.\[(.*)\]'", (deploy / "Containerfile").read_text())
    named = {name for extra in extras for name in extra.split(",")}
    assert named <= set(project["project"]["optional-dependencies"])


@pytest.mark.parametrize("name", ["vasculum.service", "compose.yaml", "Containerfile"])
def test_the_server_is_started_with_options_that_it_has(deploy: Path, name: str) -> None:
    text = (deploy / name).read_text()
    lines = [line for line in text.splitlines() if "serve" in line and "--port" in line]
    options = {option for line in lines for option in re.findall(r"--[a-z-]+", line)}
    assert {"--host", "--port"} <= options
    help_text = CliRunner().invoke(root, ["serve", "--help"]).output
    assert {option for option in options if option not in help_text} == set()


def test_the_compose_file_names_files_that_exist(deploy: Path) -> None:
    text = (deploy / "compose.yaml").read_text()
    assert "dockerfile: deploy/Containerfile" in text
    mounted = re.findall(r"- (\./\S+?):", text)
    assert mounted == ["./nginx.conf"]
    assert all((deploy / path).is_file() for path in mounted)
