"""A walk through pages: each is measured by axe-core, and by what axe cannot see: title, heading, language, focus after an error, reflow."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.urls import resolve
from playwright.sync_api import Page

from accounts.models import Assignment
from tests.browser.hands import labelled
from tests.browser.portal import Portal

AXE = (Path(__file__).parent / "vendor/axe/axe.min.js").read_text(encoding="utf-8")
WIDTHS = (1280, 320)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_FACTS = """() => ({
  title: document.title,
  lang: document.documentElement.lang,
  headings: document.querySelectorAll('h1').length,
  focus: document.activeElement?.className || '',
  width: innerWidth,
  scrolls: document.scrollingElement.scrollWidth,
  wide: [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && e.getClientRects().length)
    .slice(0, 3).map((e) => e.outerHTML.slice(0, 90)),
  sticksOut: (() => {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const box = text.parentElement.closest('.card, .notice, .error-summary, .patient-band, .ds-button, .status');
      if (!box || !text.data.trim() || text.parentElement.closest('.ds-sr-only, .table-scroll, option')) continue;
      range.selectNodeContents(text);
      const right = Math.max(0, ...[...range.getClientRects()].map((rect) => rect.right));
      if (right > box.getBoundingClientRect().right + 1) found.push(text.data.trim().slice(0, 60));
    }
    return found;
  })(),
})"""
_RUN = """async (tags) => {
  const found = await axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']});
  return found.violations.map((v) => `${v.id} (${v.help}): ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 120)} – ${n.failureSummary}`).join(' | ')}`);
}"""


class Walk:
    """A walk through pages, each looked at in its state; all that is wrong is told at the end."""

    def __init__(self, portal: Portal, page: Page, widths: Sequence[int]) -> None:
        self.portal, self.page, self.widths = portal, page, widths
        self.wrong: list[str] = []
        self.views_by_title: dict[str, set[str]] = {}
        self.seen = 0

    def visit(self, path: str, state: str, *, status: int = 200, error: bool = False) -> None:
        if status != 200:
            self.portal.expects(status)
        response = self.page.goto(path)
        assert response is not None
        assert response.status == status, (path, response.status)
        self.look(state, error=error, view=str(status) if status != 200 else "")

    def look(self, state: str, *, error: bool = False, view: str = "") -> None:
        """In every width. `error`: a form came back with errors. `view`: what the page is, where its address does not tell."""
        self.seen += 1
        self.page.evaluate(AXE)
        for width in self.widths:
            self.page.set_viewport_size({"width": width, "height": 900})
            self._measure(state, error=error)
        path = self.page.evaluate("location.pathname")
        self.views_by_title.setdefault(self.page.title().removeprefix("Fel: "), set()).add(view or str(resolve(path).view_name))

    def _measure(self, state: str, *, error: bool) -> None:
        facts = self.page.evaluate(_FACTS)
        wrong = list(self.page.evaluate(_RUN, TAGS))
        if not re.fullmatch(rf"{'Fel: ' if error else ''}(?!Fel: )\S.* · webSesam", facts["title"]):
            wrong.append(f"title {facts['title']!r}")
        if facts["headings"] != 1 or facts["lang"] != "sv":
            wrong.append(f"{facts['headings']} h1, language {facts['lang']!r}")
        if facts["scrolls"] > facts["width"]:
            wrong.append(f"{facts['scrolls']} px wide: {facts['wide']}")
        if facts["sticksOut"]:
            wrong.append(f"sticks out of its box: {facts['sticksOut']}")
        if error and "error-summary" not in facts["focus"]:
            wrong.append(f"the focus is on {facts['focus']!r}, not on the error summary")
        self.wrong += [f"{state} ({self.page.url}, {facts['width']} px): {text}" for text in wrong]
        if directory := os.environ.get("SCREENSHOTS"):
            name = re.sub(r"[^a-zåäö0-9]+", "-", state.lower())
            self.page.screenshot(path=f"{directory}/{name}-{facts['width']}.png", full_page=True)

    def press(self, button: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button).click()

    def write(self, label: str, text: str) -> None:
        self.page.get_by_label(labelled(label)).fill(text)

    def end(self, *, at_least: int) -> None:
        assert self.seen >= at_least
        self.wrong += [f"the title {title!r} is shared by {views}" for title, views in self.views_by_title.items() if len(views) > 1]
        assert not self.wrong, "\n".join(self.wrong)


def walk(portal: Portal, by: Assignment | None = None, *, widths: Sequence[int] = WIDTHS, **options: Any) -> Walk:
    """As `by`, in a browser of its own."""
    return Walk(portal, portal.open(by=by, **options), widths)
