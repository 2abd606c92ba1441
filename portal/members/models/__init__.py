"""The tables of members, in the order in which they build on each other."""

from portal.members.models.contact import (
    CustomerId,
    EmailAddress,
    PhoneNumber,
    fold_email,
    fold_phone,
)
from portal.members.models.credential import Challenge, OneTimeLink, Passkey, SignInCode
from portal.members.models.incident import Incident
from portal.members.models.member import ROLES, Event, Member
from portal.members.models.proof import (
    AddressChange,
    Authenticator,
    Password,
    PendingSignIn,
    ProofCode,
    Recovery,
    RecoveryCode,
    Restriction,
    SecurityQuestion,
    SentFactor,
)
from portal.members.models.search import SearchTerm
from portal.members.models.session import Session, SignedIn, signed_in

__all__ = [
    "ROLES",
    "AddressChange",
    "Authenticator",
    "Challenge",
    "CustomerId",
    "EmailAddress",
    "Event",
    "Incident",
    "Member",
    "OneTimeLink",
    "Passkey",
    "Password",
    "PendingSignIn",
    "PhoneNumber",
    "ProofCode",
    "Recovery",
    "RecoveryCode",
    "Restriction",
    "SearchTerm",
    "SecurityQuestion",
    "SentFactor",
    "Session",
    "SignInCode",
    "SignedIn",
    "fold_email",
    "fold_phone",
    "signed_in",
]
