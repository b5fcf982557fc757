"""docs/operations.md tells of every setting that there is, and of none that there is not."""

import ast
import re
from collections.abc import Iterator

from websesam.embedded import BASE_DIR

PAGE = (BASE_DIR / "docs" / "operations.md").read_text()
FROM_THE_SYSTEM = {"PATH", "DJANGO_SETTINGS_MODULE"}
ELSEWHERE = {"REQUIRE_BROWSER": "tests/", "POSTGRES_PASSWORD": "docker-compose.yml", "VERSION": "docker-compose.yml"}


def in_the_table() -> set[str]:
    section = PAGE.split("### All variables")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("|")]
    return {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row)}


def names_read(tree: ast.AST) -> Iterator[str]:
    """`env.str("X")`, `env("X")`, `environ.get("X")`, `environ["X"]`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            source, arguments = ast.unparse(node.func), node.args
        elif isinstance(node, ast.Subscript):
            source, arguments = ast.unparse(node.value), [node.slice]
        else:
            continue
        if re.fullmatch(r"(os\.)?env(iron)?(\.\w+)?", source) and arguments and isinstance(arguments[0], ast.Constant) and isinstance(arguments[0].value, str):
            yield arguments[0].value


def in_the_code() -> set[str]:
    files = [path for path in BASE_DIR.glob("*/**/*.py") if path.relative_to(BASE_DIR).parts[0] not in {".venv", "var", "tests", "bench"}]
    return {name for path in files for name in names_read(ast.parse(path.read_text()))} - FROM_THE_SYSTEM


def test_every_variable_that_is_read_stands_in_the_table_and_no_other():
    assert in_the_code() == in_the_table() - ELSEWHERE.keys()


def test_the_variables_that_are_read_elsewhere_are_read_there():
    for name, place in ELSEWHERE.items():
        files = [BASE_DIR / place] if place.endswith("yml") else (BASE_DIR / place).rglob("*.py")
        assert any(name in path.read_text() for path in files if path.name != "test_operations.py"), name


def test_a_variable_that_is_read_in_any_of_the_ways_is_found():
    tree = ast.parse('env.str("A")\nenv.int("B", 3)\nos.environ["C"]\nenviron.get("D")\nos.environ.get("E") or 1\nother("F")')
    assert set(names_read(tree)) == {"A", "B", "C", "D", "E"}


def test_every_variable_that_compose_asks_for_stands_in_the_table():
    asked = set(re.findall(r"\$\{(\w+)", (BASE_DIR / "docker-compose.yml").read_text()))
    assert asked <= in_the_table()


def test_every_target_of_the_makefile_that_the_page_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", (BASE_DIR / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", PAGE)) <= targets
