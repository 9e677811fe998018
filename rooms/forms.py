"""Shapes of input. Rules about rooms and messages live in the actions."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from rooms import texts
from rooms.exceptions import BadClientId, UnreadableText
from rooms.limits import FILE_NAME_CHARACTERS, NAME_CHARACTERS, NUMBER_DIGITS


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


class ShelfForm(forms.Form):
    """What to see of a room's files; a wish that makes no sense is none."""

    KINDS = [("", _("All kinds")), ("image", _("Pictures")), ("audio", _("Audio"))]
    KINDS += [("video", _("Video")), ("text", _("Text")), ("other", _("Other"))]
    SORTS = [("newest", _("Newest first")), ("oldest", _("Oldest first"))]
    SORTS += [("name", _("By name")), ("type", _("By type"))]
    SORTS += [("largest", _("Largest first")), ("smallest", _("Smallest first"))]

    q = forms.CharField(
        label=_("Name of a file"),
        max_length=FILE_NAME_CHARACTERS,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "dir": "auto"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, required=False)
    member = forms.ChoiceField(label=_("From"), required=False)
    sort = forms.ChoiceField(label=_("Order"), choices=SORTS, required=False)

    def __init__(self, *arguments, senders, **options):
        super().__init__(*arguments, **options)
        people = [(member.public_id, member.name) for member in senders]
        self.fields["member"].choices = [("", _("Everybody")), *people]

    def wanted(self):
        """Return {field: value} of all fields."""
        self.is_valid()
        wanted = {name: self.cleaned_data.get(name, "") for name in self.fields}
        return wanted | {"sort": wanted["sort"] or "newest"}
