"""Versions of what is promised about keeping, the access log, and the proofs of destruction; all written once."""

from typing import Any

import msgspec
from django.core.exceptions import ValidationError
from django.db import models
from typing_extensions import override

from accounts.speech import both
from kernel.terms import Medium
from recordings_policy.policy import RecordPolicy, Rule
from recordings_policy.policy_check import policy_problems

MEDIA = [(Medium.TEXT.value, both("文字", "Text")), (Medium.VOICE.value, both("语音", "Voice"))]


class Once(models.Model):
    """A row that is written once; the database refuses changes too (see the migrations)."""

    class Meta:
        """No table of its own."""

        abstract = True

    @override
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new row; a correction is another row."""
        if not self._state.adding:
            raise ValidationError(both("已写入的内容不能更改", "What is written never changes"))
        super().save(*args, **kwargs)

    @override
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise ValidationError(both("已写入的内容不能删除", "What is written is never deleted"))


class RecordPolicyVersion(Once):
    """One version of one line's promise about one medium, in force from `effective_from` until the next one."""

    line = models.CharField(both("服务线", "Line"), max_length=32)
    medium = models.CharField(both("方式", "Medium"), max_length=8, choices=MEDIA)
    version = models.PositiveIntegerField(both("版本", "Version"))
    effective_from = models.DateTimeField(both("生效时间", "In force from"))
    content = models.JSONField(both("内容", "Content"))
    note = models.CharField(both("修改说明", "What changed"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(both("发布时间", "Published"))
    created_by = models.CharField(both("发布人", "By"), max_length=80)

    class Meta:
        """Newest first; versions count per line and medium."""

        constraints = (models.UniqueConstraint(fields=["line", "medium", "version"], name="record_policy_version"),)
        ordering = ("line", "medium", "-version")
        verbose_name = both("留存规则", "retention policy")
        verbose_name_plural = both("留存规则", "Retention policies")

    @override
    def __str__(self) -> str:
        """Name line, medium and version."""
        return f"{self.line} {self.medium} v{self.version}"

    @override
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write once, and only what makes sense."""
        self.clean()
        super().save(*args, **kwargs)

    @override
    def clean(self) -> None:
        """Hold the content against the rules of policies."""
        try:
            policy = msgspec.convert(self.content, RecordPolicy)
        except msgspec.ValidationError as fault:
            raise ValidationError(both(f"格式不对：{fault}", f"not readable: {fault}")) from None
        problems = policy_problems(policy)
        if (policy.line, policy.medium.value) != (self.line, self.medium):
            problems = (*problems, both("内容与服务线或方式不符", "the content is for another line or medium"))
        if problems:
            raise ValidationError(list(problems))

    @property
    def rule(self) -> Rule:
        """Read the version, without knowing when it ends."""
        return Rule(self.version, msgspec.convert(self.content, RecordPolicy), self.effective_from)


class PolicyRollout(models.Model):
    """Every record of the line obeys this version by now."""

    version = models.OneToOneField(RecordPolicyVersion, on_delete=models.PROTECT, primary_key=True)
    done_at = models.DateTimeField()

    @override
    def __str__(self) -> str:
        """Name the version."""
        return str(self.version)


class AccessLog(Once):
    """One look 查阅日志; see domain/chain.py for what the digests cover. Never what was seen."""

    seq = models.BigIntegerField(both("序号", "No."), primary_key=True)
    who = models.CharField(both("何人", "Who"), max_length=80)
    role = models.CharField(both("角色", "Role"), max_length=24)
    what = models.CharField(both("何物", "What"), max_length=24)
    contact = models.CharField(both("来访", "Contact"), max_length=80)
    why = models.CharField(both("事由", "Why"), max_length=24)
    reference = models.CharField(both("文号", "Reference"), max_length=80, blank=True, default="")
    at = models.DateTimeField(both("何时", "When"))
    key = models.IntegerField()
    prev = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        """In the order written; found by contact."""

        indexes = (models.Index(fields=["contact"], name="access_contact"),)
        ordering = ("seq",)
        verbose_name = both("查阅记录", "look")
        verbose_name_plural = both("查阅日志", "Access log")

    @override
    def __str__(self) -> str:
        """Name the row."""
        return f"#{self.seq} {self.role} {self.what} {self.contact}"


class AccessHead(models.Model):
    """Where the access log ends, sealed; one row, which is also the lock that numbers looks without gaps."""

    count = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)
    key = models.IntegerField(default=0)
    seal = models.CharField(max_length=64, blank=True, default="")

    @override
    def __str__(self) -> str:
        """Spell the end the way verifylog does."""
        return f"{self.count}:{self.digest}"


class PurgeReceipt(Once):
    """The proof that one medium of a contact was destroyed 清除凭证: digests and counts, nothing else."""

    contact = models.CharField(both("来访", "Contact"), max_length=80)
    medium = models.CharField(both("方式", "Medium"), max_length=8, choices=MEDIA)
    at = models.DateTimeField(both("清除时间", "Destroyed"))
    policy_version = models.PositiveIntegerField(both("规则版本", "Policy version"))
    destroyed = models.JSONField(both("清除内容", "What was destroyed"))
    digest = models.CharField(both("摘要", "Digest"), max_length=64)

    class Meta:
        """One per contact and medium."""

        constraints = (models.UniqueConstraint(fields=["contact", "medium"], name="receipt_once"),)
        ordering = ("-at",)
        verbose_name = both("清除凭证", "purge receipt")
        verbose_name_plural = both("清除凭证", "Purge receipts")

    @override
    def __str__(self) -> str:
        """Name contact and medium."""
        return f"{self.contact} {self.medium}"


class Recording(models.Model):
    """One recording: where its sealed file lies, its wrapped key, and the right by which it was written.

    `name` is `contact.number`; the row goes with the file.
    """

    name = models.CharField(max_length=60, primary_key=True)
    contact = models.CharField(max_length=40, db_index=True)
    number = models.PositiveIntegerField()
    call = models.CharField(max_length=80)
    policy_version = models.PositiveIntegerField()
    consents = models.JSONField()
    tracks = models.JSONField()
    file = models.CharField(max_length=80, unique=True)
    master = models.IntegerField()
    period = models.IntegerField(db_index=True)
    wrapped = models.BinaryField()
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    @override
    def __str__(self) -> str:
        """Name it."""
        return self.name


class KeyReceipt(Once):
    """The proof that one period's wrapping key was destroyed: from then on no older backup opens what was erased."""

    period = models.PositiveIntegerField(both("期号", "Period"), unique=True)
    minted_at = models.DateTimeField(both("启用时间", "Begun"))
    destroyed_at = models.DateTimeField(both("销毁时间", "Destroyed"))
    digest = models.CharField(both("摘要", "Digest"), max_length=64)

    class Meta:
        """Newest first."""

        ordering = ("-period",)
        verbose_name = both("密钥销毁凭证", "key receipt")
        verbose_name_plural = both("密钥销毁凭证", "Key receipts")

    @override
    def __str__(self) -> str:
        """Name the period."""
        return str(self.period)
