"""Lines, hours and promises in the admin; hours and promises are published as whole new versions."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from msgspec import structs
from typing_extensions import override

from accounts.domain.roles import Register
from accounts.rights import staff_of
from accounts.role_admin import RoleAdmin, VersionAdmin
from accounts.speech import both, choose
from kernel import clock
from kernel.terms import Medium
from queueing import store
from queueing.domain.schedule_check import check
from queueing.models import Line, PolicyVersion, ScheduleVersion
from queueing.policy_check import BOUNDS
from queueing.policy_form import PolicyForm
from queueing.preview import preview
from queueing.roster_admin import CalendarDayAdmin, ShiftAdmin
from queueing.schedule_edit import HoursForms, compose, open_forms, read_forms
from queueing.schedule_form import MEDIA

__all__ = ["CalendarDayAdmin", "LineAdmin", "PolicyAdmin", "ScheduleAdmin", "ShiftAdmin"]

COLUMNS = ("line", "version", "created_at", "created_by", "note")


@admin.register(Line)
class LineAdmin(RoleAdmin):
    """Lines are switched off, never deleted: the log names them."""

    register = Register.LINE
    list_display = ("id", "name_zh", "name_en", "text", "voice", "active")

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Fix the id once it stands in the records."""
        return ("id",) if obj else ()


class PublishingAdmin(VersionAdmin):
    """The add page asks for the line first, then shows what is in force and publishes the next version."""

    list_display = COLUMNS
    list_filter = ("line",)
    title: Any
    template: str

    @override
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Pick a line, then edit."""
        if not self.has_add_permission(request):
            return HttpResponse(status=403)
        active = list(Line.objects.filter(active=True))
        wanted = request.GET.get("line") or (active[0].pk if len(active) == 1 else "")
        line = next((one for one in active if one.pk == wanted), None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": self.title,
            "lines": active,
            "line": line,
        }
        if line is None:
            return TemplateResponse(request, "queueing/pick_line.html", context)
        return self.edit(request, line, context)

    def edit(self, request: HttpRequest, line: Line, context: dict[str, Any]) -> HttpResponse:
        """Show and take the form."""
        raise NotImplementedError

    def published(self, request: HttpRequest, line: Line, version: int) -> HttpResponse:
        """Say that it is in force and go back to the list."""
        text = choose(f"{line.name_zh}：第 {version} 版已发布", f"{line.name_en}: version {version} is published")
        messages.success(request, text)
        return redirect(reverse(f"admin:queueing_{self.model._meta.model_name}_changelist"))


@admin.register(ScheduleVersion)
class ScheduleAdmin(PublishingAdmin):
    """Published hours: edit the week and the exceptions, look at the coming days, publish."""

    register = Register.SCHEDULE
    title = both("发布新的服务时间", "Publish new hours")
    change_form_template = "queueing/schedule_version.html"
    fields = COLUMNS

    @override
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a version with the days it would give from today on."""
        row = ScheduleVersion.objects.filter(pk=object_id).select_related("line").first()
        days = preview(row.schedule, clock.now(), voice=row.line.voice) if row else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "days": days})

    @override
    def edit(self, request: HttpRequest, line: Line, context: dict[str, Any]) -> HttpResponse:
        """Show the form; `preview` resolves without publishing, `publish` publishes."""
        now = clock.now()
        before = store.current_schedule(line.pk).schedule
        chosen = request.GET.get("medium", "")
        medium = Medium(chosen) if chosen in {one.value for one in Medium} else None
        forms = read_forms(request.POST) if request.method == "POST" else open_forms(before, medium, now)
        problems: list[str] = []
        days = preview(before, now, voice=line.voice) if request.method == "GET" else []
        if request.method == "POST" and forms.valid:
            schedule = compose(before, medium, forms, now)
            problems = [choose(p.zh, f"{p.where}: {p.en}") for p in check(schedule)]
            if not problems and "publish" in request.POST:
                note = forms.week.cleaned_data["note"]
                version = store.publish_schedule(line.pk, schedule, author(request), now, note)
                return self.published(request, line, version)
            days = [] if problems else preview(schedule, now, voice=line.voice)
        page = {**context, **_parts(forms), "problems": problems, "days": days, "media": _media(line, chosen)}
        return TemplateResponse(request, "queueing/publish_schedule.html", page)


@admin.register(PolicyVersion)
class PolicyAdmin(PublishingAdmin):
    """A desk's promises."""

    register = Register.POLICY
    title = both("发布新的排队规则", "Publish a new queue policy")
    fields = (*COLUMNS, "promises")
    readonly_fields = ("promises",)

    @admin.display(description=both("内容", "Promises"))
    def promises(self, row: PolicyVersion) -> str:
        """List the promises in words."""
        policy = structs.asdict(row.policy)
        return "\n".join(f"{choose(bound.zh, bound.en)}: {policy[name]}" for name, bound in BOUNDS.items())

    @override
    def edit(self, request: HttpRequest, line: Line, context: dict[str, Any]) -> HttpResponse:
        """Show the form and publish."""
        initial = structs.asdict(store.current_policy(line.pk).policy)
        form = PolicyForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            note = form.cleaned_data["note"]
            version = store.publish_policy(line.pk, form.policy, author(request), clock.now(), note)
            return self.published(request, line, version)
        return TemplateResponse(request, "queueing/publish_policy.html", {**context, "form": form})


def author(request: HttpRequest) -> str:
    """Name who publishes: the staff id, or the account made on the command line."""
    member = staff_of(request.user)
    return member.staff_id if member else str(request.user)


def _parts(forms: HoursForms) -> dict[str, Any]:
    """The forms by name, and each table of rows with its heading."""
    tables = (
        (choose("特定日期", "Dates with hours of their own"), forms.dated),
        (choose("暂停服务（须写明原因，来访者会看到）", "Closures (say why: visitors read it)"), forms.closures),
        (choose("加开时段", "Extra hours"), forms.extensions),
    )
    return {"week": forms.week, "tables": tables}


def _media(line: Line, chosen: str) -> list[dict[str, Any]]:
    """The media one may edit the week of, the chosen one marked."""
    if not line.voice:
        return []
    return [{"value": value, "label": label, "chosen": value == chosen} for value, label in MEDIA]
