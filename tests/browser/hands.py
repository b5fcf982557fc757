"""Somebody who uses the portal: with the mouse, with the keyboard alone, or without JavaScript. A test says what is done, not how."""

import re
import time
from collections.abc import Callable
from typing import Any, ClassVar

from playwright.sync_api import Locator, Page, expect

MOST_STOPS = 250
PATIENCE_SECONDS = 20

# What the focus stands on: whether it is marked, and whether any of it can be seen (WCAG 2.4.7, 2.4.11). Looked at until the page has been drawn.
_FOCUS = """async (wanted) => {
  const look = () => {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return null;
    const box = element.getBoundingClientRect();
    const isMarked = (candidate) => {
      const style = getComputedStyle(candidate);
      return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none';
    };
    // A box to tick is marked together with its label.
    const marks = [element, ...(element.matches('[type=checkbox], [type=radio]') ? [element.closest('.ds-field')] : [])];
    const seen = (x, y) => {
      const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
      return top !== null && element.contains(top);
    };
    return {
      what: element.outerHTML.slice(0, 160),
      isWanted: wanted.includes(element),
      marked: marks.some(isMarked),
      visible: [0.1, 0.5, 0.9].some((x) => [0.1, 0.5, 0.9].some((y) => seen(x, y))),
    };
  };
  let stop = look();
  for (let frame = 0; frame < 10 && stop && !(stop.marked && stop.visible); frame += 1) {
    await new Promise(requestAnimationFrame);
    stop = look();
  }
  return stop;
}"""


def labelled(label: str) -> re.Pattern[str]:
    """The whole label, whether or not the field may be left empty."""
    escaped = re.escape(label).replace("/", r"\/")  # a slash ends a pattern in JavaScript
    return re.compile(rf"^\s*{escaped}\s*(\(valfritt\)\s*)?$")


class Hands:
    """What a person does. `name` is what the control says; a part of it is enough for `press`."""

    has_scripts: ClassVar[bool] = True

    def __init__(self, page: Page) -> None:
        self.page = page

    # --- Looking ---

    def goes_to(self, path: str) -> None:
        self.page.goto(path)

    def is_on(self, heading: str) -> None:
        """The page's one h1."""
        expect(self.page.locator("h1")).to_have_text(re.compile(re.escape(heading)))

    def sees(self, *texts: str, within: str = "main") -> None:
        for text in texts:
            expect(self.page.locator(within)).to_contain_text(text)

    def sees_no(self, *texts: str, within: str = "main") -> None:
        for text in texts:
            expect(self.page.locator(within)).not_to_contain_text(text)

    def waits_for(self, text: str, *, within: str = "main") -> None:
        """It comes by itself, without the page being loaded anew."""
        self.page.evaluate("window.isTheSamePage = true")
        expect(self.page.locator(within)).to_contain_text(text, timeout=PATIENCE_SECONDS * 1000)
        assert self.page.evaluate("window.isTheSamePage === true"), "the page was loaded anew"

    def reloads_until(self, seen: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not seen():
            assert time.monotonic() < deadline, f"never seen on {self.page.url}"
            time.sleep(0.2)
            self.page.reload()

    # --- Doing ---

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    def link(self, name: str, *, exact: bool = False) -> Locator:
        return self.page.get_by_role("link", name=name, exact=exact)

    def menu(self, name: str) -> Locator:
        return self.page.get_by_role("navigation", name="Huvudmeny").get_by_role("link", name=name, exact=True)

    def box(self, label: str) -> Locator:
        """A field to write in."""
        name = labelled(label)
        return self.page.get_by_role("textbox", name=name).or_(self.page.get_by_role("searchbox", name=name))

    def checkbox(self, label: str) -> Locator:
        return self.page.get_by_role("checkbox", name=labelled(label))

    def dropdown(self, label: str) -> Locator:
        return self.page.get_by_role("combobox", name=labelled(label))

    def press(self, target: Locator) -> None:
        raise NotImplementedError

    def write(self, label: str, text: str) -> None:
        """In the place of what stands there."""
        raise NotImplementedError

    def choose(self, label: str, *, of: str = "") -> None:
        """One of a group; `of` names the group where several have the same answers."""
        raise NotImplementedError

    def group(self, name: str) -> Locator:
        """The fields under one heading; the whole page when it is not named."""
        return self.page.get_by_role("group", name=labelled(name)) if name else self.page.locator("body")

    def tick(self, label: str) -> None:
        raise NotImplementedError

    def select(self, label: str, option: str) -> None:
        """`option` is what the list shows."""
        raise NotImplementedError

    def enter(self) -> None:
        """In the field that one is writing in."""
        self.page.keyboard.press("Enter")


class Mouse(Hands):
    def press(self, target: Locator) -> None:
        target.click()

    def write(self, label: str, text: str) -> None:
        field = self.box(label)
        field.click(click_count=3)
        self.page.keyboard.type(text)
        expect(field).to_have_value(text)

    def choose(self, label: str, *, of: str = "") -> None:
        group = self.group(of)
        (group.locator("label") if of else group.locator("fieldset label")).filter(has_text=labelled(label)).click()
        expect(group.get_by_role("radio", name=label)).to_be_checked()

    def tick(self, label: str) -> None:
        self.page.locator("label").filter(has_text=labelled(label)).click()
        expect(self.checkbox(label)).to_be_checked()

    def select(self, label: str, option: str) -> None:
        self.dropdown(label).select_option(label=option)


class WithoutScript(Mouse):
    has_scripts = False

    def waits_for(self, text: str, *, within: str = "main") -> None:
        """It stands there when the page is loaded anew."""
        self.reloads_until(lambda: text in self.page.locator(within).inner_text())


class Keyboard(Hands):
    """Tab, Shift-Tab, Enter, Space, arrows and letters; nothing else. Every stop on the way must be seen."""

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def write(self, label: str, text: str) -> None:
        field = self.box(label)
        # Tab selects what stands in the field.
        self.reach(field)
        self.page.keyboard.type(text)
        expect(field).to_have_value(text)

    def choose(self, label: str, *, of: str = "") -> None:
        wanted = self.group(of).get_by_role("radio", name=label)
        group = wanted.get_attribute("name")
        self.reach(self.page.locator(f"input[type=radio][name='{group}']"))
        for _ in range(self.page.locator(f"input[name='{group}']").count()):
            if wanted.is_checked():
                break
            self.page.keyboard.press("Space" if self.page.locator(f"input[name='{group}']:checked").count() == 0 and _has_focus(wanted) else "ArrowDown")
        expect(wanted).to_be_checked()

    def tick(self, label: str) -> None:
        self.reach(self.checkbox(label))
        self.page.keyboard.press("Space")
        expect(self.checkbox(label)).to_be_checked()

    def select(self, label: str, option: str) -> None:
        field = self.dropdown(label)
        self.reach(field)
        for _ in range(field.locator("option").count()):
            if field.locator("option:checked").inner_text() == option:
                return
            self.page.keyboard.press("ArrowDown")
        assert field.locator("option:checked").inner_text() == option

    def reach(self, target: Locator) -> None:
        """Tab until the focus stands on it (or on one of them)."""
        target.first.wait_for(state="attached")
        if _has_focus(target):
            return
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            stop = self._see(target)
            if stop is not None and stop["isWanted"]:
                return
        raise AssertionError(f"{MOST_STOPS} Tabs on {self.page.url} did not reach {target}")

    def check_focus(self) -> bool:
        """Whether the focus is on anything of the page. Fails if it cannot be seen."""
        return self._see(self.page.locator("main")) is not None

    def _see(self, target: Locator) -> dict[str, Any] | None:
        stop: dict[str, Any] | None = target.evaluate_all(_FOCUS)
        if stop is not None:
            assert stop["marked"], f"the focus is not marked on {self.page.url}: {stop['what']}"
            assert stop["visible"], f"the focus is hidden on {self.page.url}: {stop['what']}"
        return stop


def _has_focus(target: Locator) -> bool:
    return bool(target.evaluate_all("(found) => found.includes(document.activeElement)"))
