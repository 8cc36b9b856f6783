"""Retention policies, each new version with a preview of what it would purge; access log and receipts to read."""

from typing import Any

import msgspec
from django.contrib import admin
from django.http import HttpRequest
from typing_extensions import override

from accounts.domain.roles import Register
from accounts.rights import staff_of
from accounts.role_admin import VersionAdmin
from kernel import clock
from kernel.terms import Actor, Role
from recordings_policy import store
from recordings_policy.domain.access import Circumstances, Reason, Resource
from recordings_policy.models import AccessLog, KeyReceipt, PurgeReceipt, RecordPolicyVersion
from recordings_policy.policy import RecordPolicy
from recordings_policy.policy_form import PolicyForm

EVERYBODY = "*"
"""The contact of a look at the whole log."""
STORED = ("line", "medium", "version", "effective_from", "content", "note", "created_at", "created_by")


@admin.register(RecordPolicyVersion)
class RecordPolicyVersionAdmin(VersionAdmin):
    """Published versions, and the form for the next one."""

    register = Register.POLICY
    form = PolicyForm
    list_display = ("line", "medium", "version", "effective_from", "created_by", "note")
    list_filter = ("line", "medium")

    @override
    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show a published version as it stands."""
        return STORED if obj else super().get_fields(request, obj)

    @override
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Publish, which numbers the version and never lets it reach into the past."""
        member = staff_of(request.user)
        by = member.staff_id if member else request.user.get_username()
        policy = msgspec.convert(obj.content, RecordPolicy)
        obj.pk = store.publish_policy(policy, obj.effective_from, by, clock.now(), obj.note).pk


class Written(VersionAdmin):
    """Rows that the house writes by itself."""

    register = Register.POLICY

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one by hand."""
        return False


@admin.register(AccessLog)
class AccessLogAdmin(Written):
    """Who opened what, newest first."""

    list_display = ("seq", "at", "who", "role", "what", "contact", "why", "reference")
    list_filter = ("role", "what", "why")
    search_fields = ("who", "contact", "reference")
    ordering = ("-seq",)

    @override
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the log; that somebody reads it stands in it too."""
        member = staff_of(request.user)
        role, name = (member.kind, member.staff_id) if member else (Role.ADMINISTRATOR, request.user.get_username())
        look = (Actor(role, name), Resource.ACCESS_LOG, EVERYBODY, Reason.AUDIT, Circumstances())
        store.ask_again(*look, clock.now())
        return super().changelist_view(request, extra_context)


@admin.register(PurgeReceipt)
class PurgeReceiptAdmin(Written):
    """What was destroyed, and the proof."""

    list_display = ("contact", "medium", "at", "policy_version", "digest")
    search_fields = ("contact", "digest")


@admin.register(KeyReceipt)
class KeyReceiptAdmin(Written):
    """Which wrapping keys are gone, and with them the reach of older backups."""

    list_display = ("period", "minted_at", "destroyed_at", "digest")
