"""One form for a member of staff and the account they sign in with."""

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from typing_extensions import override

from accounts import lines
from accounts.models import LANGUAGES, StaffMember, speaks_chinese
from accounts.speech import both

if TYPE_CHECKING:
    _Base = forms.ModelForm[StaffMember]
else:
    _Base = forms.ModelForm

SKILL = re.compile(r"[a-z][a-z0-9-]{0,39}")
LANGUAGE_NAMES = {"zh-Hans": both("中文", "Chinese"), "en": both("英文", "English")}


class StaffForm(_Base):
    """The staff id is the sign-in name as well; lines are ticked, not typed."""

    languages = forms.MultipleChoiceField(
        label=both("语言", "Languages"),
        choices=[(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
        initial=speaks_chinese,
        widget=forms.CheckboxSelectMultiple,
    )
    lines = forms.MultipleChoiceField(
        label=both("服务线", "Lines"),
        choices=lines.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=both(
            "这里是空的？先在“服务线”里开一条", "Nothing here? Begin with a line, under the lines of service"
        ),
    )
    skills = forms.CharField(
        label=both("技能", "Skills"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=both(
            "每行一项，可写有效期：youth 2027-06-30", "One a line, with its last day where it has one: youth 2027-06-30"
        ),
    )
    active = forms.BooleanField(
        label=both("在岗", "Active"),
        required=False,
        initial=True,
        help_text=both("取消后立即不能登录", "Without it nobody signs in as this person"),
    )

    class Meta:
        """The account is made by `save`."""

        model = StaffMember
        fields = ("staff_id", "display_name", "role", "languages", "lines", "skills")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Fix the staff id once it stands in the records."""
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            if "staff_id" in self.fields:
                self.fields["staff_id"].disabled = True
            self.initial["active"] = self.instance.user.is_active
        known: dict[str, str | None] = self.instance.skills
        self.initial["skills"] = "\n".join(f"{skill} {until or ''}".strip() for skill, until in known.items())

    def clean_skills(self) -> dict[str, str | None]:
        """Read a skill a line; the second word is its last day."""
        skills: dict[str, str | None] = {}
        for line in filter(None, map(str.strip, self.cleaned_data["skills"].splitlines())):
            skill, _, until = line.partition(" ")
            try:
                skills[skill.lower()] = date.fromisoformat(until.strip()).isoformat() if until.strip() else None
            except ValueError:
                raise ValidationError(both("日期写成 2027-06-30", "Write the day as 2027-06-30")) from None
            if not SKILL.fullmatch(skill.lower()):
                raise ValidationError(both("技能用小写字母、数字和连字符", "Lower-case letters, digits and hyphens"))
        return skills

    def clean_staff_id(self) -> str:
        """Refuse the name of an account that exists already."""
        staff_id: str = self.cleaned_data["staff_id"]
        taken = get_user_model().objects.filter(username=staff_id)
        if self.instance.pk is None and taken.exists():
            raise ValidationError(both("这个登录名已有人使用", "This sign-in name is taken"))
        return staff_id

    @override
    def save(self, commit: bool = True) -> StaffMember:
        """Make or update the account first; a new one has no password until one is drawn for it."""
        if self.instance.pk is None:
            user = get_user_model().objects.create_user(username=self.cleaned_data["staff_id"])
            user.set_unusable_password()
            self.instance.user = user
        self.instance.user.is_active = self.cleaned_data["active"]
        self.instance.user.save()
        return super().save(commit=commit)
