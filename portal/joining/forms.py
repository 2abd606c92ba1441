"""What people type to join."""

from portal.members.forms import OwnerForm


class JoinForm(OwnerForm):
    """A name and an address, nothing else."""
