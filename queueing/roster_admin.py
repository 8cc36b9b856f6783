"""The roster, its staffing advice, and the union's own calendar days, in the admin."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from typing_extensions import override

from accounts.domain.roles import Register
from accounts.rights import works_on
from accounts.role_admin import RoleAdmin
from accounts.speech import both
from kernel import clock
from queueing.models import CalendarDay, Line, Shift
from queueing.staffing_report import report


class DeletableAdmin(RoleAdmin):
    """Nothing in the log names these rows: a slip of the pen may be taken out."""

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for changing."""
        return self.has_change_permission(request, obj)


class ShiftForm(forms.ModelForm):  # type: ignore[type-arg]  # mypy: generic only in the stubs
    """A shift of somebody who works on that line."""

    class Meta:
        """All of it."""

        model = Shift
        fields = ("line", "staff_id", "begins_at", "ends_at", "note")

    @override
    def clean(self) -> dict[str, Any]:
        """Refuse somebody who is not of this line."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        line, person = cleaned.get("line"), cleaned.get("staff_id")
        if line and person and not works_on(person, line.pk):
            raise ValidationError(both("这个工号不在这条服务线上", "Nobody of this id works on this line"))
        return cleaned


@admin.register(Shift)
class ShiftAdmin(DeletableAdmin):
    """Who sits when; the page of advice says how many it takes."""

    register = Register.ROSTER
    form = ShiftForm
    list_display = ("staff_id", "line", "begins_at", "ends_at", "note")
    list_filter = ("line",)
    date_hierarchy = "begins_at"
    search_fields = ("staff_id",)
    change_list_template = "queueing/shifts.html"

    @override
    def get_urls(self) -> list[URLPattern]:
        """The advice beside the list."""
        view = self.admin_site.admin_view(self.advice)
        return [path("advice/", view, name="queueing_shift_advice"), *super().get_urls()]

    def advice(self, request: HttpRequest) -> HttpResponse:
        """Expected contacts, people needed and people on the roster for a day."""
        if not self.has_view_permission(request):
            return HttpResponse(status=403)
        now = clock.now()
        lines = list(Line.objects.filter(active=True))
        line = next((one for one in lines if one.pk == request.GET.get("line")), lines[0] if lines else None)
        day = _day(request.GET.get("day", "")) or now.date() + timedelta(days=1)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": both("排班建议", "Staffing advice"),
            "lines": lines,
            "line": line,
            "day": day,
            "report": report(line.pk, day, now) if line else None,
        }
        return TemplateResponse(request, "queueing/advice.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@admin.register(CalendarDay)
class CalendarDayAdmin(DeletableAdmin):
    """Dates that count as something else than the published notice says."""

    register = Register.SCHEDULE
    list_display = ("day", "day_class", "name_zh", "name_en")
