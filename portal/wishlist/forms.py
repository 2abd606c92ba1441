"""What is typed beside a saved thing."""

from wtforms.validators import Length

from portal.lib.forms import Form, LineField
from portal.lib.text import _


class NoteForm(Form):
    """A few words, or none."""

    note = LineField(_("Note"), [Length(max=300, message=_("Keep the note under 300 characters."))])
