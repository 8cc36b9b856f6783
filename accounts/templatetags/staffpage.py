"""What sign-in pages must know: whether a second factor is asked for, and where the person works."""

from typing import Any

from django import template
from django.conf import settings

from accounts.mfa import lacks_second_factor
from accounts.rights import home_page

register = template.Library()


@register.simple_tag
def second_factor_off() -> bool:
    """Tell whether this installation does without."""
    return not settings.XINQIAO_MFA_REQUIRED


@register.simple_tag(takes_context=True)
def second_factor_owed(context: dict[str, Any]) -> bool:
    """Tell whether the person signed in must enrol before going on."""
    user = context.get("user")
    return user is not None and lacks_second_factor(user)


@register.simple_tag(takes_context=True)
def own_page(context: dict[str, Any]) -> str:
    """Name the page of the role of the person signed in."""
    return home_page(context.get("user"))
