"""What sign-in pages must say about the second factor."""

from typing import Any

from django import template
from django.conf import settings

from accounts.mfa import lacks_second_factor

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
