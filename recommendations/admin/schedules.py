"""Schedules of background work: the admin pages of Celery beat, in the theme of this admin."""

import json
from typing import Any

from celery import current_app
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_celery_beat.admin import ClockedScheduleAdmin as BeatClockedScheduleAdmin
from django_celery_beat.admin import CrontabScheduleAdmin as BeatCrontabScheduleAdmin
from django_celery_beat.admin import PeriodicTaskAdmin as BeatPeriodicTaskAdmin
from django_celery_beat.admin import PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.admin import PeriodicTaskInline as BeatPeriodicTaskInline
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from recommendations.admin.base import ModelAdmin
from recommendations.admin.readonly import ReadOnly
from recommendations.admin.sending import Sent, send
from recommendations.admin.shown_values import ShownValuesForm
from recommendations.services.training.schedule import find_obstacle
from recommendations.tasks import retrain, retrain_when_due

for schedule in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(schedule)


class TaskSelect(UnfoldAdminSelectWidget, TaskSelectWidget):
    template_name = "unfold/widgets/select.html"


class ScheduledTaskForm(ShownValuesForm, PeriodicTaskForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskSelect()

    def clean_regtask(self) -> str:
        """Check the chosen name like a typed one: the field takes any."""
        name: str = self.fields["task"].clean(self.cleaned_data["regtask"])
        return name

    def clean(self) -> Any:
        """Let the check of the whole form work without a name of a task that can be used."""
        self.cleaned_data.setdefault("task", "")
        return super().clean()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(BeatPeriodicTaskAdmin, ModelAdmin):
    form = ScheduledTaskForm

    def save_model(self, request: HttpRequest, obj: PeriodicTask, form: Any, change: bool) -> None:
        """Save what has changed; a task that is switched off forgets when it ran last."""
        if not obj.enabled:
            obj.last_run_at = None
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Run selected tasks"), permissions=["change"])
    def run_tasks(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        """Hand the tasks to the queue now, and say what became of each."""
        current_app.loader.import_default_modules()
        for entry in queryset:
            level, sentence = _run_now(entry)
            self.message_user(request, sentence, level)


def _run_now(entry: PeriodicTask) -> tuple[int, str]:
    """Hand the task to the queue; return the level of a message and the message."""
    task = current_app.tasks.get(entry.task)
    if task is None:
        told = _("%(name)s was not started: there is no task %(task)s.")
        return messages.ERROR, told % {"name": entry.name, "task": entry.task}
    if task.name == retrain_when_due.name:
        if obstacle := find_obstacle():
            refused = _("%(name)s was not started.") % {"name": entry.name}
            return messages.ERROR, f"{refused} {obstacle}"
        # Whoever asks for a training now does not ask whether it is due.
        task = retrain
    sent = send(task, json.loads(entry.args), json.loads(entry.kwargs), queue=entry.queue)
    outcome = _(sent)
    levels = {Sent.TAKEN: messages.SUCCESS, Sent.WAITING: messages.WARNING}
    return levels.get(sent, messages.ERROR), f"{entry.name} {outcome}."


class PeriodicTaskInline(ReadOnly, BeatPeriodicTaskInline):
    """The tasks of a schedule."""


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(ModelAdmin):
    pass


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(BeatCrontabScheduleAdmin, ModelAdmin):
    form = ShownValuesForm
    inlines = [PeriodicTaskInline]


@admin.register(SolarSchedule)
class SolarScheduleAdmin(ModelAdmin):
    pass


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(BeatClockedScheduleAdmin, ModelAdmin):
    form = ShownValuesForm
    inlines = [PeriodicTaskInline]
