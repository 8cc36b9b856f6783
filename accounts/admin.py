"""Staff in the admin: add, deactivate, draw a new password, remove a lost second factor."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from typing_extensions import override

from accounts.domain.roles import Register
from accounts.mfa import has_second_factor
from accounts.models import StaffMember
from accounts.passwords import fresh_password
from accounts.role_admin import RoleAdmin
from accounts.speech import both, choose
from accounts.staff_form import StaffForm


@admin.register(StaffMember)
class StaffAdmin(RoleAdmin):
    """People and their roles; only administrators come here."""

    register = Register.STAFF
    form = StaffForm
    fields = ("staff_id", "display_name", "role", "languages", "lines", "skills", "active")
    list_display = ("staff_id", "display_name", "role", "on_lines", "signs_in", "second_factor")
    list_filter = ("role",)
    search_fields = ("staff_id", "display_name")
    actions = ("draw_password", "drop_second_factor")

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffMember]:
        """Bring the accounts along."""
        return super().get_queryset(request).select_related("user")

    @override
    def save_model(self, request: HttpRequest, obj: StaffMember, form: Any, change: bool) -> None:
        """Save, and show a new person's first password once."""
        super().save_model(request, obj, form, change)
        if not change:
            _show_new_password(request, obj)

    @admin.display(description=both("服务线", "Lines"))
    def on_lines(self, member: StaffMember) -> str:
        """List the lines."""
        return ", ".join(member.lines) or "-"

    @admin.display(description=both("在岗", "Active"), boolean=True)
    def signs_in(self, member: StaffMember) -> bool:
        """Tell whether the account is active."""
        return bool(member.user.is_active)

    @admin.display(description=both("两步验证", "Second factor"), boolean=True)
    def second_factor(self, member: StaffMember) -> bool:
        """Tell whether one is enrolled."""
        return has_second_factor(member.user_id)

    @admin.action(description=both("重新生成登录密码", "Draw a new password"))
    def draw_password(self, request: HttpRequest, queryset: QuerySet[StaffMember]) -> None:
        """Draw passwords and show each once; existing sessions end by it."""
        for member in queryset:
            _show_new_password(request, member)

    @admin.action(description=both("移除两步验证（设备丢失）", "Remove the second factor (lost device)"))
    def drop_second_factor(self, request: HttpRequest, queryset: QuerySet[StaffMember]) -> None:
        """Let people enrol anew at their next sign-in."""
        users = list(queryset.values_list("user_id", flat=True))
        Authenticator.objects.filter(user_id__in=users).delete()
        text = choose(f"已移除 {len(users)} 人的两步验证", f"Removed for {len(users)} people")
        self.message_user(request, text, messages.WARNING)


def _show_new_password(request: HttpRequest, member: StaffMember) -> None:
    """Set a random password and show it on the next page, the only time it can be read."""
    password = fresh_password()
    member.user.set_password(password)
    member.user.save()
    text = choose(
        f"{member.display_name}（{member.staff_id}）的登录密码：{password} 只显示这一次，请当面交给本人",
        f"Password of {member.staff_id}: {password} It is shown only once; hand it over in person",
    )
    messages.warning(request, text)
