"""Notices, and what a user does with an assignment."""

from collections.abc import Iterable

from django.utils import timezone

from accounts.models import Assignment, CareUnit, Notice


def notify(to: Iterable[Assignment], *, unit: CareUnit, tone: str, word: str, title: str, text: str, url: str, action: tuple[str, str] = ("", "")) -> None:
    """Tell each of the people once. Called inside the transaction of what it tells. `text` names no patient.

    `action` is (address to POST to, text of its button).
    """
    users = {assignment.user_id for assignment in to}
    Notice.objects.bulk_create(
        Notice(user_id=user, unit=unit, tone=tone, word=word, title=title[:200], text=text, url=url, action_url=action[0], action_text=action[1])
        for user in sorted(users)
    )


def mark_read(assignment: Assignment, *, url: str) -> int:
    """The page that the notices point to was opened. Returns how many were unread."""
    return Notice.objects.visible_to(assignment).unread().filter(url=url).update(read_at=timezone.now())


def close_notices(*, unit: CareUnit, url: str) -> int:
    """What everybody at the unit was told about the page needs nobody any more. Returns how many were unread."""
    return Notice.objects.filter(unit=unit, url=url).unread().update(read_at=timezone.now())


def mark_shown_read(assignment: Assignment, notices: Iterable[int]) -> int:
    """Those of one's own notices that one has seen on a list. Returns how many were unread."""
    return Notice.objects.visible_to(assignment).unread().filter(pk__in=list(notices)).update(read_at=timezone.now())
