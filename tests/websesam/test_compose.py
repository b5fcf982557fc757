"""docker-compose.yml and Dockerfile: no engine runs them here, so what can be checked without one is."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from websesam import processes
from websesam.embedded import BASE_DIR

COMPOSE = BASE_DIR / "docker-compose.yml"
DOCKERFILE = (BASE_DIR / "Dockerfile").read_text()
SERVICES = yaml.safe_load(COMPOSE.read_text())["services"]
OURS = {"migrate", "web", "worker", "beat"}


def follows_the_schema(path: Path) -> bool:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def in_container(command: list[str]) -> list[str]:
    return ["python", "-m", *command]


def test_the_file_follows_the_compose_schema():
    assert follows_the_schema(COMPOSE)


def test_the_schema_check_refuses_a_file_that_does_not(tmp_path):
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(COMPOSE.read_text().replace("healthcheck:", "healthchek:"))
    assert not follows_the_schema(broken)


def test_it_holds_the_services_of_the_portal():
    assert set(SERVICES) == OURS | {"db", "redis", "sesam2"}
    assert SERVICES["sesam2"]["profiles"] == ["trial"]


def test_the_commands_are_those_that_make_demo_starts():
    assert SERVICES["web"]["command"] == in_container(processes.web("0.0.0.0:8000"))
    assert SERVICES["worker"]["command"] == in_container(processes.worker())
    assert SERVICES["beat"]["command"] == in_container(processes.beat())
    assert SERVICES["sesam2"]["command"] == in_container(processes.stand_in("0.0.0.0", 8001, "/var/lib/websesam/mock.sqlite3"))
    image_command = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[-1]
    assert json.loads(image_command) == SERVICES["web"]["command"]


def test_every_service_that_stays_has_a_health_check():
    for name, service in SERVICES.items():
        assert service["healthcheck"].get("test") or name == "migrate", name


def test_the_portal_waits_for_healthy_servers_and_for_the_migrations():
    for name in OURS - {"migrate"}:
        conditions = {other: needed["condition"] for other, needed in SERVICES[name]["depends_on"].items()}
        assert conditions == {"migrate": "service_completed_successfully", "db": "service_healthy", "redis": "service_healthy"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_secret_stands_in_the_file(name):
    for variable, value in SERVICES[name].get("environment", {}).items():
        if re.search("SECRET|PASSWORD|KEY", variable):
            assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value) or variable.endswith("KEY_ID"), variable
    for value in SERVICES[name].get("environment", {}).values():
        assert not re.search(r"://[^/@$]*:[^/@$]+@", value), "a password in an address"


def test_the_containers_of_the_portal_have_no_more_rights_than_they_need():
    for name in OURS:
        assert SERVICES[name]["cap_drop"] == ["ALL"]
        assert SERVICES[name]["read_only"] is True
        assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


def test_only_the_web_server_is_reached_from_outside_and_only_from_this_machine():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}


def stages() -> dict[str, str]:
    """The text of each stage of the Dockerfile, with that of the stages it builds on or copies from."""
    found: dict[str, str] = {}
    for text in re.split(r"^(?=FROM )", DOCKERFILE, flags=re.MULTILINE)[1:]:
        header = re.match(r"FROM (\S+) AS (\S+)", text)
        assert header
        sources = [header[1], *re.findall(r"--from=(\S+)", text)]
        found[header[2]] = "".join(found.get(source, "") for source in sources) + text
    return found


def test_the_image_of_the_portal_holds_the_locked_production_packages_alone():
    assert "--require-hashes -r requirements.lock" in stages()["portal"]
    assert "embedded" not in stages()["portal"].replace("\nCOPY . .", "")
    assert "requirements-embedded.lock" in stages()["trial"]
    assert list(stages())[-1] == "portal", "the image that `docker build .` gives"


def test_the_images_do_not_run_as_root():
    for name in ("portal", "trial"):
        lines = stages()[name].splitlines()
        assert [line for line in lines if line.startswith("USER ")][-1] == "USER websesam"


def test_the_image_gets_nothing_that_belongs_to_one_machine():
    ignored = (BASE_DIR / ".dockerignore").read_text().split()
    assert {".git", ".venv", "var"} <= set(ignored)
