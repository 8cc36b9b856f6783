"""Lines, and the versions of their published hours and promises; a version is written once and stays."""

from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from typing_extensions import override

from accounts.speech import both
from queueing.domain.schedule import Schedule
from queueing.domain.schedule_check import InvalidScheduleError, read_schedule
from queueing.policy import DeskPolicy
from queueing.policy_check import policy_problems
from queueing.roster_models import CalendarDay, Shift

__all__ = ["CalendarDay", "Line", "PolicyVersion", "ScheduleVersion", "Shift", "Version"]


class Line(models.Model):
    """A service line 服务线, with a desk of its own."""

    id = models.CharField(
        both("编号", "Id"),
        primary_key=True,
        max_length=32,
        validators=[
            RegexValidator(
                r"^[a-z][a-z0-9-]{1,31}$",
                both("小写字母开头，只用小写字母、数字和连字符", "Lower-case letters, digits and hyphens"),
            )
        ],
        help_text=both("写入记录后不再更改，例如 main", "Stands in the records and never changes"),
    )
    name_zh = models.CharField(both("中文名称", "Chinese name"), max_length=60)
    name_en = models.CharField(both("英文名称", "English name"), max_length=100)
    text = models.BooleanField(both("文字", "Text"), default=True)
    voice = models.BooleanField(both("语音", "Voice"), default=False)
    active = models.BooleanField(
        both("启用", "Active"),
        default=True,
        help_text=both("停用后不再出现在来访页面", "An inactive line is not shown to visitors"),
    )

    class Meta:
        """Listed by id."""

        ordering = ("id",)
        verbose_name = both("服务线", "line")
        verbose_name_plural = both("服务线", "Lines")

    @override
    def __str__(self) -> str:
        """Show the name."""
        return self.name_zh


class Version(models.Model):
    """One version of something the union decides for a line: who wrote it, when, and what for."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, verbose_name=both("服务线", "Line"))
    version = models.PositiveIntegerField(both("版本", "Version"))
    content = models.JSONField(both("内容", "Content"))
    note = models.CharField(both("修改说明", "What changed"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(both("发布时间", "Published"))
    created_by = models.CharField(both("发布人", "By"), max_length=80)

    class Meta:
        """No table of its own."""

        abstract = True

    @override
    def __str__(self) -> str:
        """Name line and version."""
        return f"{self.line_id} v{self.version}"

    @override
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write once; a correction is a new version."""
        if not self._state.adding:
            raise ValidationError(both("已发布的版本不能更改", "A published version never changes"))
        self.check_content()
        super().save(*args, **kwargs)

    @override
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse: the log names the version it was decided under."""
        raise ValidationError(both("已发布的版本不能删除", "A published version is never deleted"))

    @override
    def clean(self) -> None:
        """Refuse content that could not be read back."""
        self.check_content()

    def check_content(self) -> None:
        """Raise ValidationError with every problem of the content."""
        raise NotImplementedError


class ScheduleVersion(Version):
    """Published hours 公布服务时间."""

    class Meta:
        """Newest first."""

        constraints = (models.UniqueConstraint(fields=["line", "version"], name="schedule_line_version"),)
        ordering = ("line", "-version")
        verbose_name = both("服务时间", "published hours")
        verbose_name_plural = both("服务时间", "Published hours")

    @override
    def check_content(self) -> None:
        """Hold the content against every rule of schedules."""
        try:
            read_schedule(msgspec.json.encode(self.content))
        except InvalidScheduleError as fault:
            raise ValidationError([both(p.zh, f"{p.where}: {p.en}") for p in fault.problems]) from None

    @property
    def schedule(self) -> Schedule:
        """Read the content."""
        return msgspec.convert(self.content, Schedule)


class PolicyVersion(Version):
    """A desk's promises: targets, ring times, grace periods, caps."""

    class Meta:
        """Newest first."""

        constraints = (models.UniqueConstraint(fields=["line", "version"], name="policy_line_version"),)
        ordering = ("line", "-version")
        verbose_name = both("排队规则", "queue policy")
        verbose_name_plural = both("排队规则", "Queue policies")

    @override
    def check_content(self) -> None:
        """Hold the content against the bounds of policies."""
        try:
            policy = msgspec.convert(self.content, DeskPolicy)
        except msgspec.ValidationError as fault:
            raise ValidationError(both(f"格式不对：{fault}", f"not readable: {fault}")) from None
        problems = policy_problems(policy)
        if problems:
            raise ValidationError([both(p.zh, f"{p.field}: {p.en}") for p in problems])

    @property
    def policy(self) -> DeskPolicy:
        """Read the content; fields that came later have their defaults."""
        return msgspec.convert(self.content, DeskPolicy)
