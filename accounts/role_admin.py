"""Admin pages that open by role instead of by Django's per-model permissions."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from typing_extensions import override

from accounts.domain.roles import Register
from accounts.rights import user_may_edit

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Any]
else:
    _Base = admin.ModelAdmin


class RoleAdmin(_Base):
    """Seen and changed by the roles that edit its register; nothing here is ever deleted."""

    register: Register
    actions: Any = None

    @override
    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the app to whoever may edit."""
        return user_may_edit(request.user, self.register)

    @override
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """See what one may edit."""
        return user_may_edit(request.user, self.register)

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        """Add what one may edit."""
        return user_may_edit(request.user, self.register)

    @override
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Change what one may edit."""
        return user_may_edit(request.user, self.register)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Records name these rows, so they stay; an inactive row is out of use."""
        return False


class VersionAdmin(RoleAdmin):
    """Versions are read, and added as a whole; never changed."""

    @override
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing that is published changes."""
        return False
