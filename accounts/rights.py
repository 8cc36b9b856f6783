"""From a signed-in Django user to a role of the house."""

from typing import Any

from accounts.domain.roles import Register, home, may_edit
from accounts.models import StaffMember


def staff_of(user: Any) -> StaffMember | None:
    """Find the staff member behind an active user."""
    if not (user and user.is_authenticated and user.is_active):
        return None
    return StaffMember.objects.filter(user_id=user.pk).first()


def home_page(user: Any) -> str:
    """Name the page to open after sign-in."""
    member = staff_of(user)
    return home(member.kind) if member else "/admin/"


def user_may_edit(user: Any, register: Register) -> bool:
    """Tell whether a user may change a register; a superuser (made on the command line) may change all."""
    if user.is_active and user.is_superuser:
        return True
    member = staff_of(user)
    return member is not None and may_edit(member.kind, register)


def works_on(staff_id: str, line: str) -> bool:
    """Tell whether an active member of staff of this id works on a line."""
    return StaffMember.objects.filter(staff_id=staff_id, lines__contains=[line], user__is_active=True).exists()
