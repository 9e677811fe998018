"""Shapes of input. Rules about rooms and messages live in the actions."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from rooms import texts
from rooms.exceptions import BadClientId, UnreadableText
from rooms.limits import NAME_CHARACTERS, NUMBER_DIGITS


class JoinForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_CHARACTERS,
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "dir": "auto"}),
    )
    number = forms.CharField(
        label=_("Room number"),
        max_length=NUMBER_DIGITS * 2,
        widget=forms.PasswordInput(
            render_value=True, attrs={"autocomplete": "off", "inputmode": "numeric"}
        ),
    )

    def clean_name(self):
        name = texts.clean_name(self.cleaned_data["name"])
        if not name or not texts.is_readable_name(name):
            raise ValidationError(
                _("Choose a name made of letters, digits or signs that can be read.")
            )
        return name

    def clean_number(self):
        number = texts.clean_number(self.cleaned_data["number"])
        if number is None or len(number) > NUMBER_DIGITS:
            raise ValidationError(
                _("A room number is made of 1 to %(most)d digits, nothing else."),
                params={"most": NUMBER_DIGITS},
            )
        return number


class PostForm(forms.Form):
    client_id = forms.UUIDField()
    body = forms.CharField(required=False, strip=False)

    def refuse(self):
        """Raise the refusal that fits the form's first mistake."""
        raise BadClientId if "client_id" in self.errors else UnreadableText
