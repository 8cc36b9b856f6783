"""The roster and the union's own calendar: who is to sit when, and days that differ from the published notice."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from typing_extensions import override

from accounts.speech import both
from queueing.domain.calendar import DayClass

LONGEST = timedelta(hours=16)


class Shift(models.Model):
    """One person on one line from then until then, half-open."""

    line = models.ForeignKey("queueing.Line", on_delete=models.PROTECT, verbose_name=both("服务线", "Line"))
    staff_id = models.CharField(both("工号", "Staff id"), max_length=40)
    begins_at = models.DateTimeField(both("开始", "From"))
    ends_at = models.DateTimeField(both("结束", "Until"))
    note = models.CharField(both("备注", "Note"), max_length=100, blank=True, default="")

    class Meta:
        """Soonest first."""

        ordering = ("begins_at", "staff_id")
        indexes = (models.Index(fields=["line", "ends_at"], name="shift_line_ends"),)
        verbose_name = both("班次", "shift")
        verbose_name_plural = both("排班", "Roster")

    @override
    def __str__(self) -> str:
        """Name person and begin."""
        return f"{self.staff_id} {self.begins_at:%Y-%m-%d %H:%M}"

    @override
    def clean(self) -> None:
        """Refuse what cannot be worked: backwards, too long, or twice at once."""
        if None in (self.begins_at, self.ends_at):
            return  # the field says so itself
        if self.ends_at <= self.begins_at:
            raise ValidationError(both("结束时间应晚于开始时间", "It must end after it begins"))
        if self.ends_at - self.begins_at > LONGEST:
            raise ValidationError(both("一班不超过 16 小时", "A shift has at most 16 hours"))
        others = Shift.objects.filter(staff_id=self.staff_id).exclude(pk=self.pk)
        if others.filter(begins_at__lt=self.ends_at, ends_at__gt=self.begins_at).exists():
            raise ValidationError(both("这个人这段时间已有班次", "This person has a shift at that time already"))


class CalendarDay(models.Model):
    """One date whose class the union sets itself: a holiday, a make-up workday, an ordinary rest day."""

    day = models.DateField(both("日期", "Date"), primary_key=True)
    day_class = models.CharField(
        both("按哪类日子", "Counts as"),
        max_length=16,
        choices=[
            (DayClass.WORKDAY.value, both("工作日", "workday")),
            (DayClass.RESTDAY.value, both("休息日", "rest day")),
            (DayClass.HOLIDAY.value, both("法定节假日", "public holiday")),
        ],
    )
    name_zh = models.CharField(both("名称", "Name (Chinese)"), max_length=40, blank=True, default="")
    name_en = models.CharField(both("英文名称", "Name (English)"), max_length=60, blank=True, default="")

    class Meta:
        """In order."""

        ordering = ("day",)
        verbose_name = both("特别日期", "special day")
        verbose_name_plural = both("特别日期（放假与调休）", "Special days (holidays, make-up days)")

    @override
    def __str__(self) -> str:
        """Show the date."""
        return str(self.day)
