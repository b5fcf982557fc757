"""The direction of things: imports, foreign keys and templates point downwards, and the house rules of the design hold.

Each check has a test of the test, which breaks the rule on purpose in a copy and sees the check fail.
"""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

ROOT = Path(__file__).resolve().parent.parent
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())
LINTER = CONFIG["tool"]["importlinter"]
APPS = sorted({"websesam", *(path.parent.name for path in ROOT.glob("*/apps.py"))})
LAYERS = [[name.strip("() ") for name in re.split(r"[|:]", line)] for line in LINTER["contracts"][0]["layers"]]
HEIGHT = {name: -number for number, names in enumerate(LAYERS) for name in names}
LINES = 400


# --- Imports -------------------------------------------------------------------------------------


def broken_contracts(root: Path) -> list[str]:
    """The names of the import contracts that the code under `root` breaks."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-logo", "--no-cache", "--config", "pyproject.toml"], cwd=root, capture_output=True, text=True, check=False)
    words = " ".join(done.stdout.split())
    broken = [contract["name"] for contract in LINTER["contracts"] if f"{contract['name']} BROKEN" in words]
    assert done.returncode == (1 if broken else 0), done.stdout + done.stderr
    return broken


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the code that may be broken."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in [*APPS, "templates"]:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "data", "schema"))
    return tmp_path


def add(copy: Path, path: str, text: str) -> None:
    file = copy / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as output:
        output.write(f"\n{text}\n")


def test_imports_follow_the_contracts():
    assert broken_contracts(ROOT) == []


@pytest.mark.parametrize(
    ("path", "line", "contract"),
    [
        ("core/numbers.py", "import orders", 0),
        ("accounts/models.py", "import integration.outbox", 0),
        ("patients/models.py", "def late():\n    from ordering import models", 0),
        ("orders/models/orders.py", "from orders import forms", 1),
        ("orders/forms/draft.py", "from orders import views", 1),
        ("integration/models.py", "from integration import tasks", 1),
    ],
)
def test_an_import_that_points_upwards_breaks_a_contract(copy, path, line, contract):
    add(copy, path, line)
    assert LINTER["contracts"][contract]["name"] in broken_contracts(copy)


def test_every_app_stands_under_the_contracts():
    assert sorted(LINTER["root_packages"]) == sorted(APPS)
    assert sorted(LINTER["contracts"][1]["containers"]) == sorted(APPS)
    assert set(APPS) <= set(HEIGHT)


# --- Foreign keys --------------------------------------------------------------------------------


def upward_relations(tables: Iterable[type[models.Model]]) -> list[str]:
    """The relations of `tables` that point at a table of an app above, or at a sibling's."""
    found = []
    for table in tables:
        own = table._meta.app_label
        for field in table._meta.get_fields():
            if not field.is_relation or field.auto_created or field.related_model is None:
                continue
            other = field.related_model._meta.app_label
            if own in HEIGHT and other in HEIGHT and own != other and HEIGHT[other] >= HEIGHT[own]:
                found.append(f"{table.__name__}.{field.name} -> {other}")
    return found


def test_foreign_keys_point_downwards():
    ours = [table for table in apps.get_models() if table._meta.app_label in HEIGHT]
    assert ours
    assert upward_relations(ours) == []


@isolate_apps("core", "accounts", "orders")
def test_a_foreign_key_that_points_upwards_or_at_a_sibling_is_found():
    class Above(models.Model):
        class Meta:
            app_label = "orders"

    class Sibling(models.Model):
        others = models.ManyToManyField(Above)

        class Meta:
            app_label = "workorders"

    class Below(models.Model):
        above = models.ForeignKey(Above, models.PROTECT)

        class Meta:
            app_label = "accounts"

    class Fine(models.Model):
        below = models.ForeignKey(Below, models.PROTECT)

        class Meta:
            app_label = "orders"

    assert upward_relations([Above, Sibling, Below, Fine]) == ["Sibling.others -> orders", "Below.above -> orders"]


# --- Templates -----------------------------------------------------------------------------------

SHARED = {"components", "forms"}
INCLUDED = re.compile(r"""{%-?\s*(?:include|extends)\s+["']([^"']+)["']""")


def foreign_includes(templates: Path) -> list[str]:
    """Includes of another app's templates; those of websesam, on top, may take from any."""
    found = []
    for template in sorted(templates.rglob("*.html")):
        place = template.relative_to(templates).parts
        own = place[0] if len(place) > 1 else "websesam"
        for name in INCLUDED.findall(template.read_text()):
            parts = name.split("/")
            allowed = own == "websesam" or len(parts) == 1 or parts[0] in SHARED or parts[0] == own
            if not allowed:
                found.append(f"{template.relative_to(templates)} includes {name}")
    return found


def test_templates_include_only_components_and_their_own_app():
    assert foreign_includes(ROOT / "templates") == []


def test_a_template_that_includes_another_apps_is_found(copy):
    before = foreign_includes(copy / "templates")
    add(copy, "templates/patients/_broken.html", "{% include 'orders/_panel.html' %}{% include \"components/tag.html\" %}{% extends 'base.html' %}")
    add(copy, "templates/websesam/_fine.html", '{% include "orders/_panel.html" %}')
    add(copy, "templates/components/_broken.html", '{%- include "patients/_panel.html" with patient=patient only %}')
    assert [line for line in foreign_includes(copy / "templates") if line not in before] == [
        "components/_broken.html includes patients/_panel.html",
        "patients/_broken.html includes orders/_panel.html",
    ]


# --- House rules ---------------------------------------------------------------------------------

FORBIDDEN_NAMES = {"utils", "helpers", "services", "selectors", "managers", "signals", "presenters", "common", "misc"}
WEB = ("django.http", "django.shortcuts", "django.forms", "django.views")
NEVER_IMPORTED = {
    "models": (*WEB, "httpx", "requests", "urllib"),
    "sesam2": WEB,
    "actions": WEB,
    "access": ("django.forms", "django.views"),
    "tasks": WEB,
    "handlers": WEB,
}
# Class-based views hide what happens, signals who changes what.
EVERYWHERE = ("django.views.generic", "django.db.models.signals", "django.dispatch")


def modules(root: Path) -> Iterator[tuple[str, str, Path]]:
    """App, kind of file (models, actions …; for a package that of the package) and path of every module of ours."""
    for app in APPS:
        for path in sorted((root / app).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            if "migrations" not in parts:
                yield app, parts[1], path


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def below(module: str, packages: Iterable[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def rules_of_models(tree: ast.AST) -> Iterator[str]:
    for table in ast.walk(tree):
        if not isinstance(table, ast.ClassDef):
            continue
        for part in table.body:
            if isinstance(part, ast.FunctionDef) and part.name in {"save", "delete"}:
                yield f"{table.name} overrides {part.name}()"
            if table.name == "Meta" and isinstance(part, ast.Assign) and any(isinstance(name, ast.Name) and name.id == "ordering" for name in part.targets):
                yield "a default ordering"


def rules_of_forms(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and getattr(node, "attr", getattr(node, "id", "")) == "ModelForm":
            yield "a ModelForm"
        if isinstance(node, ast.FunctionDef) and node.name == "save":
            yield "a form that saves"


def scoped_tables() -> set[str]:
    """The tables that hold what belongs to somebody: they can be asked for what an assignment may see, and must be."""
    return {table.__name__ for table in apps.get_models() if table._meta.app_label in HEIGHT and hasattr(table._default_manager, "visible_to")}


SCOPES = {"visible_to", "listed_to", "of_other_units", "of_provider", "waiting_for"}


def rules_of_views(tree: ast.AST) -> Iterator[str]:
    scoped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in SCOPES}
    tables = scoped_tables()
    for node in ast.walk(tree):
        is_query = isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"} and isinstance(node.value, ast.Name)
        if is_query and node.value.id in tables and id(node) not in scoped:
            yield f"{node.value.id}.objects without visible_to()"
        if isinstance(node, ast.ClassDef):
            yield f"the class {node.name}"


def rules_of_admin(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "move_to":
            yield "writes a status"


RULES = {"models": rules_of_models, "forms": rules_of_forms, "views": rules_of_views, "admin": rules_of_admin}


EXCEPTIONS = {
    "websesam/views/recipients.py: Order.objects without visible_to()": "SESAM2 asks for an address: nobody is logged in, and the question is about one order",
    "websesam/views/recipients.py: WorkOrder.objects without visible_to()": "as above",
    "websesam/views/recipients.py: PickupOrder.objects without visible_to()": "as above",
    "websesam/views/recipients.py: Loan.objects without visible_to()": "as above",
    "websesam/urls.py: imports django.views.generic.RedirectView": "an old address, told in the table of addresses",
}


@cache
def _broken_by(app: str, kind: str, where: Path, text: str) -> list[str]:
    """What one module does against them. Remembered by its text: a copy differs from the code in one file."""
    found = []
    tree = ast.parse(text)
    if FORBIDDEN_NAMES & set(where.with_suffix("").parts):
        found.append(f"{where}: a name that says nothing")
    if text.count("\n") > LINES:
        found.append(f"{where}: more than {LINES} lines")
    imported = set(imports(tree))
    found += [f"{where}: imports {name}" for name in sorted(imported) if app != "core" and below(name, NEVER_IMPORTED.get(kind, ()))]
    found += [f"{where}: imports {name}" for name in sorted(imported) if below(name, EVERYWHERE)]
    found += [f"{where}: {what}" for what in RULES.get(kind, lambda _: ())(tree)]
    return [line for line in found if line not in EXCEPTIONS]


def broken_house_rules(root: Path) -> list[str]:
    """What the modules under `root` do against section 3 of the design."""
    return [line for app, kind, path in modules(root) for line in _broken_by(app, kind, path.relative_to(root), path.read_text())]


def test_the_house_rules_hold():
    assert broken_house_rules(ROOT) == []


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        ("orders/utils.py", "", "a name that says nothing"),
        ("orders/services/send.py", "", "a name that says nothing"),
        ("orders/signals.py", "", "a name that says nothing"),
        ("core/long.py", "\n" * LINES, "more than 400 lines"),
        ("orders/models.py", "class A:\n    def save(self):\n        pass", "A overrides save()"),
        ("orders/models.py", "class A:\n    class Meta:\n        ordering = ['name']", "a default ordering"),
        ("orders/actions/late.py", "from django.http import HttpRequest", "imports django.http.HttpRequest"),
        ("catalog/actions.py", "from django import forms", "imports django.forms"),
        ("orders/forms.py", "class A(forms.ModelForm):\n    pass", "a ModelForm"),
        ("orders/forms.py", "class A:\n    def save(self):\n        pass", "a form that saves"),
        ("patients/views.py", "def page(request):\n    return Patient.objects.get(pk=1)", "Patient.objects without visible_to()"),
        ("patients/views.py", "class Page:\n    pass", "the class Page"),
        ("orders/admin.py", "def act(order):\n    order.move_to('x')", "writes a status"),
        ("accounts/views.py", "from django.views.generic import ListView", "imports django.views.generic.ListView"),
        ("accounts/tasks.py", "from django.db.models.signals import post_save", "imports django.db.models.signals.post_save"),
    ],
)
def test_a_broken_house_rule_is_found(copy, path, text, says):
    before = broken_house_rules(copy)
    add(copy, path, text)
    (new,) = [line for line in broken_house_rules(copy) if line not in before][:1]
    assert new.startswith(path.split("/")[0])
    assert says in new


def test_a_query_through_its_scope_is_no_broken_rule(copy):
    before = broken_house_rules(copy)
    add(copy, "patients/views.py", "def page(request):\n    return Patient.objects.visible_to(request.assignment)")
    assert broken_house_rules(copy) == before


# --- Templates: nothing inline, nothing unescaped -----------------------------------------------

INLINE = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=|<style", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe\b|{%\s*autoescape\s+off"),
    "something from another host": re.compile(r"""(?:src|action)=["'](?:https?:)?//""", re.IGNORECASE),
}


def inline_code(templates: Path) -> list[str]:
    """What a strict content security policy would refuse, or an attacker like."""
    return [
        f"{template.relative_to(templates)}: {what}"
        for template in sorted(templates.rglob("*.html"))
        for what, pattern in INLINE.items()
        if pattern.search(template.read_text())
    ]


def test_templates_hold_nothing_inline_and_nothing_unescaped():
    assert inline_code(ROOT / "templates") == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('<p class="x" style="color: red">', "an inline style"),
        ("<script>go()</script>", "an inline script"),
        ('<button type="submit" onclick="go()">', "an inline handler"),
        ('<a href="javascript:go()">', "a javascript: address"),
        ("{{ text|safe }}", "unescaped text"),
        ('<img src="https://elsewhere.example/x.png">', "something from another host"),
    ],
)
def test_inline_code_in_a_template_is_found(copy, text, what):
    add(copy, "templates/orders/broken.html", text)
    assert f"orders/broken.html: {what}" in inline_code(copy / "templates")
