"""One form for a member of staff and the account they sign in with."""

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
        label=both("服务线", "Lines"), choices=lines.choices, widget=forms.CheckboxSelectMultiple, required=False
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
        fields = ("staff_id", "display_name", "role", "languages", "lines")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Fix the staff id once it stands in the records."""
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            if "staff_id" in self.fields:
                self.fields["staff_id"].disabled = True
            self.initial["active"] = self.instance.user.is_active

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
