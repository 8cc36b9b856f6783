"""Published hours as a form: a window text per day, exceptions, closures and extensions as rows."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import formset_factory
from typing_extensions import override

from accounts.speech import both
from kernel.terms import Medium
from queueing.domain.schedule import DayKey, Reason, parse_windows

CLOSED_WORDS = frozenset({"休息", "关闭", "不开放", "closed", "-"})
DAY_LABELS = {
    DayKey.MON: both("星期一", "Monday"),
    DayKey.TUE: both("星期二", "Tuesday"),
    DayKey.WED: both("星期三", "Wednesday"),
    DayKey.THU: both("星期四", "Thursday"),
    DayKey.FRI: both("星期五", "Friday"),
    DayKey.SAT: both("星期六", "Saturday"),
    DayKey.SUN: both("星期日", "Sunday"),
    DayKey.WORKDAY: both("所有工作日（含调休上班）", "Every workday (make-up days too)"),
    DayKey.RESTDAY: both("所有休息日（周末与节假日）", "Every rest day (weekends, holidays)"),
    DayKey.HOLIDAY: both("法定节假日", "Public holidays"),
}
MEDIA = [
    ("", both("文字和语音", "Text and voice")),
    (Medium.TEXT.value, both("仅文字", "Text only")),
    (Medium.VOICE.value, both("仅语音", "Voice only")),
]


SPARE_ROWS = 3


class WindowsField(forms.CharField):
    """Reads `10:00-12:00, 14:00-26:00`; None for nothing written, no windows for `休息`."""

    @override
    def clean(self, value: Any) -> Any:
        """Turn the text into windows."""
        text = super().clean(value)
        if not text:
            return None
        if text.lower() in CLOSED_WORDS:
            return ()
        try:
            return parse_windows(text)
        except ValueError as fault:
            raise ValidationError(
                both(
                    f"看不懂“{fault}”。请写成 10:00-22:00，多个时段用逗号隔开，过夜写 22:00-26:00",
                    f"Cannot read “{fault}”. Write 10:00-22:00, commas between windows, 22:00-26:00 past midnight",
                )
            ) from None


def instant_field(zh: str, en: str) -> forms.DateTimeField:
    """Ask for a local date and time, to the minute."""
    widget = forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=both(zh, en), widget=widget)


def date_field(zh: str, en: str) -> forms.DateField:
    """Ask for a date."""
    return forms.DateField(label=both(zh, en), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))


class RowForm(forms.Form):
    """A row that speaks of one medium or both, with a reason in both languages."""

    applies_to = forms.ChoiceField(label=both("适用于", "For"), choices=MEDIA, required=False)
    reason_zh = forms.CharField(label=both("原因（中文）", "Reason (Chinese)"), max_length=200, required=False)
    reason_en = forms.CharField(label=both("原因（英文）", "Reason (English)"), max_length=200, required=False)

    @property
    def reason(self) -> Reason:
        """Read the reason."""
        return Reason(self.cleaned_data["reason_zh"].strip(), self.cleaned_data["reason_en"].strip())

    @property
    def medium(self) -> Medium | None:
        """Read the medium; None is both."""
        chosen = self.cleaned_data["applies_to"]
        return Medium(chosen) if chosen else None


class DatedForm(RowForm):
    """One date with hours of its own."""

    day = date_field("日期", "Date")
    windows = WindowsField(label=both("时段，或“休息”", "Windows, or “closed”"), max_length=120)
    field_order = ("day", "windows", "applies_to", "reason_zh", "reason_en")


class StretchForm(RowForm):
    """A stretch of time that is closed, or open on top of the rules."""

    begins_at = instant_field("开始", "From")
    ends_at = instant_field("结束", "Until")
    field_order = ("begins_at", "ends_at", "applies_to", "reason_zh", "reason_en")


class WeekForm(forms.Form):
    """The usual week of one medium (or both), from a date on."""

    effective = date_field("自哪天起生效", "In force from")
    last_admission_minutes = forms.IntegerField(
        label=both("末次接入提前（分钟）", "Last admission before closing (minutes)"),
        min_value=0,
        max_value=240,
        help_text=both("关门前这么多分钟起不再接新来访", "Nobody new is admitted in these last minutes"),
    )
    drain_minutes = forms.IntegerField(
        label=both("收尾（分钟）", "Drain (minutes)"),
        min_value=0,
        max_value=240,
        help_text=both("关门后进行中的谈话还可以继续多久", "How long running talks may go on after closing"),
    )
    note = forms.CharField(label=both("修改说明", "What changed"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add a field for each day of the week and each class of days."""
        super().__init__(*args, **kwargs)
        for key, label in DAY_LABELS.items():
            self.fields[key.value] = WindowsField(label=label, max_length=120, required=False)

    @property
    def days(self) -> list[forms.BoundField]:
        """Give the fields of the days, for the page."""
        return [self[key.value] for key in DAY_LABELS]

    @property
    def margins(self) -> list[forms.BoundField]:
        """Give the other fields, for the page."""
        names = ("effective", "last_admission_minutes", "drain_minutes", "note")
        return [self[name] for name in names]


DatedRows = formset_factory(DatedForm, extra=SPARE_ROWS, can_delete=True, max_num=200)
StretchRows = formset_factory(StretchForm, extra=SPARE_ROWS, can_delete=True, max_num=200)
