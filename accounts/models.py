"""Who works here, and what visitors and sockets prove themselves with: digests only, never a secret."""

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from typing_extensions import override

from accounts.domain.roles import may_use_admin
from accounts.speech import both
from kernel import clock
from kernel.terms import STAFF, Role

ROLE_NAMES = {
    Role.COUNSELOR: both("咨询员", "Counselor"),
    Role.PEER_SUPPORTER: both("心理疏导员", "Peer supporter"),
    Role.CRISIS_WORKER: both("危机干预师", "Crisis worker"),
    Role.SUPERVISOR: both("督导", "Supervisor"),
    Role.ADMINISTRATOR: both("系统管理员", "Administrator"),
}
ROLES = [(role.value, ROLE_NAMES[role]) for role in Role if role in STAFF]
LANGUAGES = ("zh-Hans", "en")


def speaks_chinese() -> list[str]:
    """Give the languages of somebody who named none."""
    return ["zh-Hans"]


class StaffMember(models.Model):
    """A person on duty: the Django user signs in, `staff_id` is the name the log and the wire know."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="staff_member",
        verbose_name=both("登录账号", "Account"),
    )
    staff_id = models.CharField(
        both("工号", "Staff id"),
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z][a-z0-9-]{1,39}$",
                both("小写字母开头，只用小写字母、数字和连字符", "Lower-case letters, digits and hyphens"),
            )
        ],
        help_text=both("也是登录名；写入记录后不再更改", "Signs in with it; stands in the records and never changes"),
    )
    display_name = models.CharField(
        both("对来访者显示的称呼", "Name shown to visitors"),
        max_length=40,
        help_text=both("例如“陈老师”，不必是真名", "A work name will do"),
    )
    role = models.CharField(both("角色", "Role"), max_length=24, choices=ROLES)
    languages = models.JSONField(both("语言", "Languages"), default=speaks_chinese)
    lines = models.JSONField(both("服务线", "Lines"), default=list, blank=True)
    skills = models.JSONField(
        both("技能", "Skills"),
        default=dict,
        blank=True,
        help_text=both("技能与有效期，例如 youth 到 2027-06-30", "What they are trained for, and until when"),
    )
    created_at = models.DateTimeField(both("创建时间", "Created"), default=clock.now, editable=False)

    class Meta:
        """Listed by staff id."""

        ordering = ("staff_id",)
        verbose_name = both("工作人员", "staff member")
        verbose_name_plural = both("工作人员", "Staff")

    @override
    def __str__(self) -> str:
        """Show the work name and the id."""
        return f"{self.display_name}({self.staff_id})"

    @override
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep Django's own door to the admin in step with the role."""
        super().save(*args, **kwargs)
        allowed = may_use_admin(self.kind) or self.user.is_superuser
        if self.user.is_staff != allowed:
            self.user.is_staff = allowed
            self.user.save(update_fields=["is_staff"])

    @property
    def kind(self) -> Role:
        """Read the role as a term of the house."""
        return Role(self.role)


class VisitorToken(models.Model):
    """What an anonymous visitor proves to be the same person with: SHA-256 of a 256-bit secret."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    contact = models.CharField(max_length=40, db_index=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    @override
    def __str__(self) -> str:
        """Name the contact."""
        return self.contact


class EntryTicket(models.Model):
    """Lets a socket in once, within 30 s, where no cookie can travel; deleted by its use."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    role = models.CharField(max_length=24)
    actor = models.CharField(max_length=80)
    expires_at = models.DateTimeField(db_index=True)

    @override
    def __str__(self) -> str:
        """Name the role, not the person."""
        return self.role


class ReturnCode(models.Model):
    """What a visitor asks with later what is kept of a contact; the digest of a code, without an end.

    It opens no word of the talk, and stays when the rest is destroyed: the answer is then that it is.
    """

    digest = models.BinaryField(primary_key=True, max_length=32)
    contact = models.CharField(max_length=40, db_index=True)
    created_at = models.DateTimeField()

    @override
    def __str__(self) -> str:
        """Name the contact."""
        return self.contact


class SignInSeen(models.Model):
    """When somebody of the staff last did something in one sign-in; noted at most once a minute."""

    session_key = models.CharField(primary_key=True, max_length=40)
    seen_at = models.DateTimeField(db_index=True)

    @override
    def __str__(self) -> str:
        """Say when, not who."""
        return self.seen_at.isoformat()


class VaultEntry(models.Model):
    """Who one person is, sealed under a data key that the vault's own keys wrap; found by pseudonym only."""

    pseudonym = models.CharField(primary_key=True, max_length=40)
    master = models.IntegerField()
    period = models.IntegerField(db_index=True)
    wrapped = models.BinaryField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField()

    @override
    def __str__(self) -> str:
        """Name the pseudonym."""
        return self.pseudonym


class VaultLink(models.Model):
    """That a contact is verified, and under which pseudonym."""

    contact = models.CharField(primary_key=True, max_length=40)
    pseudonym = models.CharField(max_length=40, db_index=True)
    proof = models.CharField(max_length=16)
    verified_at = models.DateTimeField()

    @override
    def __str__(self) -> str:
        """Name the contact."""
        return self.contact


class SpentToken(models.Model):
    """The number of a partner app's entry token that was used; kept until the token is over."""

    digest = models.BinaryField(primary_key=True, max_length=32)
    expires_at = models.DateTimeField(db_index=True)

    @override
    def __str__(self) -> str:
        """Say until when."""
        return self.expires_at.isoformat()
