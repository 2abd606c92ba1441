"""Every table of Regulars in the order in which they can be made."""

from portal.catalog.models import Product
from portal.claims import models as claims
from portal.duplicates import models as duplicates
from portal.imports import models as imports
from portal.joining import models as joining
from portal.lib.db import Base
from portal.lib.jobs import JobSlot
from portal.lib.mail import Mail
from portal.lib.sms import TextMessage
from portal.lib.throttle import Throttle
from portal.loyalty.models import LedgerEntry, PointsAccount, PointsLot, Voucher
from portal.members.models import (
    AddressChange,
    Authenticator,
    Challenge,
    CustomerId,
    EmailAddress,
    Event,
    Incident,
    Member,
    OneTimeLink,
    Passkey,
    Password,
    PendingSignIn,
    PhoneNumber,
    ProofCode,
    Recovery,
    RecoveryCode,
    Restriction,
    SearchTerm,
    SecurityQuestion,
    SentFactor,
    Session,
    SignInCode,
)
from portal.orders.models import Fulfilment, Order, OrderLine
from portal.payments.models import BalanceTransaction, Payment, Payout, Refund
from portal.profiles.models import Picture, Profile
from portal.providers import models as providers
from portal.shop.models import Logo, SelfCheck, Setting
from portal.staff.models import Look, Note
from portal.wishlist.models import WishlistItem

MODELS: list[type[Base]] = [
    Throttle, JobSlot, Mail, TextMessage,
    Setting, Logo, SelfCheck,
    Member, Event, Incident, EmailAddress, PhoneNumber, CustomerId, Session, Passkey, Challenge,
    SignInCode, OneTimeLink, SearchTerm,
    PendingSignIn, ProofCode, Password, Authenticator, SentFactor, RecoveryCode,
    SecurityQuestion, Recovery, AddressChange, Restriction,
    *providers.MODELS,
    Profile, Picture,
    Product,
    Order, OrderLine, Fulfilment,
    Payment, Refund, Payout, BalanceTransaction,
    WishlistItem,
    PointsAccount, PointsLot, LedgerEntry, Voucher,
    *imports.MODELS,
    *duplicates.MODELS,
    *joining.MODELS,
    *claims.MODELS,
    Note, Look,
]  # fmt: skip
