"""A first draft of a map from the names of a file's columns, and the header's fingerprint."""

import hashlib
import re
from collections.abc import Container, Sequence
from typing import Any

from portal.imports.formats.sources import fold
from portal.imports.maps.fields import FIELDS, LINES
from portal.shop.models import settings

#: Names, without anything but letters and digits, that columns of other programs have.
NAMES = {
    "number": "ordernumber orderno ordernr orderid order invoiceno invoicenumber invoice invoiceid"
    " receiptnumber bestellnummer bestelnummer auftragsnummer rechnungsnummer numerodecommande",
    "placed_at": "orderdate date createdat created datecreated invoicedate placedat purchasedate"
    " orderdatetime datum bestelldatum besteldatum rechnungsdatum datedecommande",
    "customer_id": "customerid customernumber customeruserid clientid userid kundennummer"
    " klantnummer kundenid",
    "email": "email emailaddress emailbilling billingemail customeremail mail emailadresse"
    " emailadres",
    "phone": "phone phonenumber telephone mobile phonebilling billingphone customerphone telefon"
    " telefoonnummer telefonnummer",
    "name": "name customername fullname contactname billingname nameofcustomer kunde klantnaam",
    "financial_status": "paymentstatus financialstatus paidstatus orderstatus status",
    "fulfilment_status": "fulfillmentstatus fulfilmentstatus shippingstatus deliverystatus",
    "paid_at": "paidat paiddate paymentdate datepaid",
    "fulfilled_at": "shippeddate shippedat fulfilledat completeddate dispatchdate",
    "cancelled_at": "cancelledat canceledat",
    "total": "total ordertotal ordertotalamount grandtotal totalamount gesamtsumme totaal",
    "currency": "currency currencycode ordercurrency wahrung valuta",
    "shipping": "shipping shippingcost freight ordershippingamount shippingamount postage delivery"
    " versand versandkosten verzendkosten",
    "tax": "tax taxes vat totaltax ordertotaltaxamount taxamount mwst btw",
    "discount": "discount discountamount orderdiscount cartdiscountamount rabatt korting",
    "refunded": "refunded refundedamount orderrefundamount refundamount",
    "payment_method": "paymentmethod paymentmethodtitle paymenttype zahlungsart betaalmethode",
    "payment_reference": "paymentreference transactionid paymentid",
    "discount_code": "discountcode couponcode voucher couponcodes",
    "note": "note notes customernote comment",
    "tags": "tags",
    "shipping_method": "shippingmethod shippingmethodtitle carrier",
    "tracking": "trackingnumber tracking trackingcode",
    "billing.company": "company companybilling billingcompany companyname",
    "billing.street1": "addressbilling address1billing address12billing billingaddress1"
    " billingaddress billingstreet",
    "billing.city": "citybilling billingcity",
    "billing.zip": "postcodebilling billingpostcode billingzip",
    "billing.country": "countrycodebilling billingcountry",
    "delivery.name": "shippingname recipient",
    "delivery.street1": "addressshipping address1shipping address12shipping shippingaddress1"
    " shippingaddress",
    "delivery.city": "cityshipping shippingcity",
    "delivery.zip": "postcodeshipping shippingpostcode shippingzip",
    "delivery.country": "countrycodeshipping shippingcountry",
    "accepts_email": "acceptsmarketing newsletter acceptsemailmarketing optin",
    "company": "company companyname firma bedrijf",
    "address.street1": "address address1 street strasse adres",
    "address.city": "city town ort stadt plaats",
    "address.zip": "zip postcode postalcode plz",
    "address.country": "country countrycode land",
    "at": "date paidat paymentdate createdat created datum",
    "amount": "amount paid total sum betrag bedrag",
    "key": "paymentid transactionid id",
    "method": "paymentmethod method",
}
LINE_NAMES = {
    "title": "product productname itemname title description item lineitemname artikel"
    " bezeichnung omschrijving",
    "sku": "sku stockcode itemsku productsku productcode artikelnummer articlenumber variantsku",
    "quantity": "quantity qty quantityrefund pieces count menge anzahl aantal lineitemquantity",
    "price": "unitprice price itemcost itemprice lineitemprice einzelpreis stukprijs",
    "discount": "linediscount itemdiscount lineitemdiscount",
    "total": "linetotal orderlinetotal itemtotal",
    "vendor": "vendor brand maker marke merk",
}
#: What words of other programs usually mean.
MEANINGS = {
    "financial_status": {
        "paid": "completed complete processing paid success succeeded captured settled shipped"
        " delivered closed bezahlt betaald payé abgeschlossen",
        "pending": "onhold pending pendingpayment unpaid open placed new offen due",
        "refunded": "refunded returned erstattet",
        "partially_refunded": "partiallyrefunded",
        "partially_paid": "partiallypaid",
        "voided": "cancelled canceled failed void voided storniert geannuleerd",
    },
    "fulfilment_status": {
        "fulfilled": "fulfilled shipped completed complete delivered sent versendet verzonden",
        "unfulfilled": "unfulfilled processing pending open new placed onhold unshipped",
        "partial": "partial partiallyshipped partiallyfulfilled",
    },
    "kind": {"sale": "sale payment charge", "refund": "refund return", "capture": "capture"},
}
NAMES_OF_PERSON = (("firstname", "lastname"), ("firstnamebilling", "lastnamebilling"),
                   ("vorname", "nachname"), ("voornaam", "achternaam"))  # fmt: skip


def fingerprint(header: Sequence[str]) -> str:
    """What tells a layout from others: its columns, in whatever order and spelling of case."""
    return hashlib.sha256("\0".join(sorted(map(fold, header))).encode()).hexdigest()


def suggest(header: Sequence[str]) -> dict[str, Any]:
    """A draft of a map, as the table of its TOML: what the names of the columns tell."""
    bare = {re.sub(r"[\W_]+", "", name.casefold()): name for name in reversed(header)}
    lines = _found(LINE_NAMES, LINES, bare)
    kind = _kind(bare, lines)
    fields = _found(NAMES, FIELDS[kind], bare)
    if kind == "products":
        fields |= {name: lines[name] for name in ("sku", "title", "price") if name in lines}
    if "name" in FIELDS[kind] and "name" not in fields:
        for names in NAMES_OF_PERSON:
            if all(name in bare for name in names):
                fields["name"] = {"join": [bare[name] for name in names]}
    if kind == "orders" and lines.get("price") == fields.get("total"):
        lines.pop("price", None)
    table: dict[str, Any] = {"kind": kind}
    if "currency" not in fields and kind != "customers":
        table["currency"] = settings().currency
    table["fields"] = _nested(fields)
    if kind == "orders" and lines.keys() & {"price", "total"}:
        table["lines"] = lines
    return table


def meanings(name: str, theirs: Sequence[str]) -> dict[str, str]:
    """What the words that a file has for a state usually mean, those that are known."""
    ours = {word: own for own, known in MEANINGS[name].items() for word in known.split()}
    bare = {word: re.sub(r"[\W_]+", "", word.casefold()) for word in theirs}
    return {word: ours[plain] for word, plain in bare.items() if plain in ours}


def _kind(bare: dict[str, str], lines: dict[str, Any]) -> str:
    def has(name: str) -> bool:
        return any(spelling in bare for spelling in NAMES[name].split())

    if has("number"):
        money = has("amount") and not lines and not has("placed_at")
        return "payments" if money else "orders"
    if lines.keys() >= {"sku", "price"}:
        return "products"
    return "customers" if has("email") or has("customer_id") or has("phone") else "orders"


def _found(names: dict[str, str], known: Container[str], bare: dict[str, str]) -> dict[str, Any]:
    found: dict[str, str] = {}
    for field, spellings in names.items():
        if field in known:
            column = next((bare[s] for s in spellings.split() if s in bare), None)
            if column and column not in found.values():
                found[field] = column
    return found


def _nested(fields: dict[str, Any]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name, value in fields.items():
        group, dot, part = name.partition(".")
        if dot:
            table.setdefault(group, {})[part] = value
        else:
            table[name] = value
    return table
