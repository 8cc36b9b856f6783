"""The directory of referral partners, and the links by which they answer: digests only, never a packet."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from typing_extensions import override

from accounts.speech import both

KINDS = [
    ("station", both("职工心灵驿站", "Wellbeing station")),
    ("hospital", both("医院", "Hospital")),
    ("crisis_centre", both("心理危机干预中心", "Crisis centre")),
    ("university", both("高校团队", "University team")),
    ("legal_aid", both("法律援助", "Legal aid")),
    ("hotline", both("热线", "Hotline")),
]
CHANNELS = [
    ("link", both("由咨询员转交链接", "Link handed over by hand")),
    ("webhook", "webhook"),
    ("smtp", both("邮件", "E-mail")),
    ("sms", both("短信", "SMS")),
]


def nothing() -> list[str]:
    """Give a boundary that allows nothing."""
    return []


class Partner(models.Model):
    """Whom a visitor may be referred to: what it does, when, for how many, and what it may be told."""

    partner_id = models.CharField(
        both("编号", "Id"),
        max_length=40,
        primary_key=True,
        validators=[
            RegexValidator(r"^[a-z][a-z0-9-]{1,39}$", both("小写字母、数字和连字符", "Lower-case, digits, hyphens"))
        ],
    )
    name_zh = models.CharField(both("名称", "Name"), max_length=80)
    name_en = models.CharField(both("英文名称", "English name"), max_length=80, blank=True)
    kind = models.CharField(both("类别", "Kind"), max_length=20, choices=KINDS)
    scope = models.CharField(both("服务范围", "Scope"), max_length=300, blank=True)
    hours = models.CharField(both("服务时间", "Hours"), max_length=120, blank=True)
    address = models.CharField(both("地址", "Address"), max_length=200, blank=True)
    phone = models.CharField(both("公开电话", "Public phone"), max_length=40, blank=True)
    latitude = models.FloatField(
        both("纬度", "Latitude"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        both("经度", "Longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    boundary = models.JSONField(both("可获知的内容", "May be told"), default=nothing, blank=True)
    capacity_week = models.PositiveIntegerField(both("每周可接收人数", "Capacity a week"), default=0)
    channel = models.CharField(both("通知方式", "Told by"), max_length=10, choices=CHANNELS, default="link")
    told_at = models.CharField(both("通知地址", "Told at"), max_length=300, blank=True)
    agreement_from = models.DateField(both("协议开始", "Agreement from"), null=True, blank=True)
    agreement_until = models.DateField(both("协议结束", "Agreement until"), null=True, blank=True)
    visit_days = models.JSONField(both("预约日", "Days to visit"), default=nothing, blank=True)
    visit_from = models.TimeField(both("预约开始", "Visits from"), null=True, blank=True)
    visit_until = models.TimeField(both("预约结束", "Visits until"), null=True, blank=True)
    visit_minutes = models.PositiveIntegerField(
        both("每次多少分钟", "Minutes a visit"), default=50, validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    visit_places = models.PositiveIntegerField(
        both("同一时段几位", "People at once"), default=1, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    active = models.BooleanField(both("启用", "Active"), default=True)

    class Meta:
        """Listed by id."""

        ordering = ("partner_id",)
        verbose_name = both("转介机构", "referral partner")
        verbose_name_plural = both("转介机构", "Referral partners")

    @override
    def __str__(self) -> str:
        """Show name and id."""
        return f"{self.name_zh}({self.partner_id})"


class CasePolicyVersion(models.Model):
    """One version of a line's ladder, follow-up plans and waiting times; written once, a correction is another."""

    line = models.CharField(both("服务线", "Line"), max_length=40)
    version = models.PositiveIntegerField(both("版本", "Version"))
    content = models.JSONField(both("内容", "Content"))
    note = models.CharField(both("修改说明", "What changed"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(both("发布时间", "Published"))
    created_by = models.CharField(both("发布人", "By"), max_length=80)

    class Meta:
        """Newest first."""

        constraints = (models.UniqueConstraint(fields=["line", "version"], name="case_policy_version"),)
        ordering = ("line", "-version")
        verbose_name = both("升级与随访规则", "escalation and follow-up policy")
        verbose_name_plural = both("升级与随访规则", "Escalation and follow-up policies")

    @override
    def __str__(self) -> str:
        """Name line and version."""
        return f"{self.line} v{self.version}"

    @override
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write once; cases name the version they were opened under."""
        if not self._state.adding:
            raise ValidationError(both("已发布的版本不能更改", "A published version never changes"))
        super().save(*args, **kwargs)


class ReferralLink(models.Model):
    """Opens one referral to one partner until it is answered or over; SHA-256 of a secret."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    contact = models.CharField(max_length=40, db_index=True)
    referral = models.PositiveIntegerField()
    partner = models.CharField(max_length=40)
    expires_at = models.DateTimeField(db_index=True)

    @override
    def __str__(self) -> str:
        """Name the partner, not the contact."""
        return self.partner


class AgendaLink(models.Model):
    """Opens a partner's coming visits, without a name in them; SHA-256 of a secret."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    partner = models.CharField(max_length=40)
    expires_at = models.DateTimeField(db_index=True)

    @override
    def __str__(self) -> str:
        """Name the partner."""
        return self.partner
