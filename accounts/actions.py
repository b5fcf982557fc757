"""Notices, and what tells of long work."""

from collections.abc import Iterable

from django.utils import timezone

from accounts.models import Assignment, CareUnit, Job, Notice


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


# --- Long work ---------------------------------------------------------------------------------------


def begin_job(title: str, *, by: Assignment | None, back_url: str) -> Job:
    """Work that will be done in the background; told in the transaction that stores what is to be done. `by` None: nobody has asked for it."""
    return Job.objects.create(title=title[:200], by=by, back_url=back_url)


def tell_job(job: Job, *, step: str, done: int = 0, total: int = 0) -> None:
    """How far it has come. Others see it at once only if the caller is in no transaction."""
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, step=step[:200], done=done, total=total, finished_at=None, reason="")


def wait_job(job: Job, *, step: str) -> None:
    """It is to be tried again later."""
    Job.objects.filter(pk=job.pk).update(state=Job.State.WAITING, step=step[:200], done=0, total=0, finished_at=None, reason="")


def finish_job(job: Job, *, result_url: str = "", result_text: str = "") -> None:
    """It is done, and what came of it lies at `result_url`, opened by a button with this text."""
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.DONE, step="", finished_at=timezone.now(), reason="", result_url=result_url, result_text=result_text[:60]
    )


def fail_job(job: Job, *, reason: str) -> None:
    """It will not be done. `reason` is Swedish, and says what to do instead."""
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, step="", finished_at=timezone.now(), reason=reason[:300])
