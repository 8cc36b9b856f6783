"""`{% say "中文" "English" %}` in templates."""

from django import template

from accounts.speech import choose

register = template.Library()


@register.simple_tag
def say(zh: str, en: str) -> str:
    """Write the words of the language in force."""
    return choose(zh, en)
