"""The shapes of BILL's records, as marshmallow checks what is sent and as the OpenAPI document tells them.

Source of names and types: BILL's published v3 collection and reference. `…Request` is what may be sent; the others are
what is told.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

LARGEST = 10**12
FINEST = 20
"""Decimals; BILL's own samples have fourteen."""


def sensible(amount: Decimal) -> None:
    """ValidationError for an amount that no invoice has, and that would fill the memory when written out."""
    exponent = amount.as_tuple().exponent
    if abs(amount) > LARGEST or not isinstance(exponent, int) or exponent < -FINEST:
        raise ValidationError("Not a sensible amount.")


class Sent(Schema):
    """What callers send: members that are not known here are tolerated, as BILL's own samples carry more of them."""

    class Meta:
        """How it is read."""

        unknown = EXCLUDE


class LoginRequest(Sent):
    """POST /v3/login."""

    username = fields.String(required=True)
    password = fields.String(required=True)
    organizationId = fields.String(required=True)
    devKey = fields.String(required=True)


class AddressSchema(Sent):
    """A postal address."""

    line1 = fields.String()
    line2 = fields.String()
    city = fields.String()
    stateOrProvince = fields.String()
    zipOrPostalCode = fields.String()
    country = fields.String()
    countryName = fields.String()


class CustomerPatch(Sent):
    """PATCH /v3/customers/{customerId}: any of them."""

    name = fields.String(validate=validate.Length(min=1))
    companyName = fields.String()
    email = fields.Email()
    phone = fields.String()
    invoiceCurrency = fields.String(validate=validate.Length(equal=3))
    accountType = fields.String(validate=validate.OneOf(["BUSINESS", "PERSON", "NONE"]))
    billingAddress = fields.Nested(AddressSchema)


class CustomerRequest(CustomerPatch):
    """POST /v3/customers."""

    name = fields.String(required=True, validate=validate.Length(min=1))
    email = fields.Email(required=True)


class ReferenceSchema(Sent):
    """A customer when an invoice is written: a known one's id, or name and e-mail address of a new one."""

    id = fields.String()
    name = fields.String(validate=validate.Length(min=1))
    email = fields.Email()

    @validates_schema
    def known_or_new(self, data: Mapping[str, Any], **_: Any) -> None:
        """ValidationError where it is neither."""
        if "id" not in data and not {"name", "email"} <= data.keys():
            raise ValidationError("Missing data for required field.", "id")


class ClassificationsSchema(Sent):
    """Accounts and departments of a line."""

    chartOfAccountId = fields.String()
    accountingClassId = fields.String()
    departmentId = fields.String()
    jobId = fields.String()
    locationId = fields.String()
    itemId = fields.String()


class LineItem(Sent):
    """What every line has."""

    description = fields.String()
    quantity = fields.Decimal(allow_nan=False, validate=sensible)
    price = fields.Decimal(allow_nan=False, validate=sensible)
    ratePercent = fields.Decimal(allow_nan=False, validate=sensible)
    taxable = fields.Boolean()
    classifications = fields.Nested(ClassificationsSchema)


class LineItemRequest(LineItem):
    """One line as it may be sent: a price with its quantity, or a rate of the lines above it."""

    @validates_schema
    def price_or_rate(self, data: Mapping[str, Any], **_: Any) -> None:
        """ValidationError where it has both or neither."""
        if ("price" in data) == ("ratePercent" in data):
            raise ValidationError("One of price and ratePercent is needed.", "price")
        if "price" in data and "quantity" not in data:
            raise ValidationError("Missing data for required field.", "quantity")


class InvoicePatch(Sent):
    """PATCH /v3/invoices/{invoiceId}: any of them."""

    customer = fields.Nested(ReferenceSchema)
    invoiceNumber = fields.String(validate=validate.Length(min=1))
    invoiceDate = fields.Date()
    dueDate = fields.Date()
    invoiceLineItems = fields.List(fields.Nested(LineItemRequest), validate=validate.Length(min=1))
    salesTaxPercentage = fields.Decimal(allow_nan=False, validate=[validate.Range(min=0, max=100), sensible])
    enableCardPayment = fields.Boolean()


class InvoiceRequest(InvoicePatch):
    """POST /v3/invoices and PUT /v3/invoices/{invoiceId}, which replaces the whole."""

    customer = fields.Nested(ReferenceSchema, required=True)
    invoiceLineItems = fields.List(fields.Nested(LineItemRequest), required=True, validate=validate.Length(min=1))


class CreditMemoPatch(Sent):
    """PATCH /v3/credit-memos/{creditMemoId}: any of them."""

    customerId = fields.String(validate=validate.Length(min=1))
    referenceNumber = fields.String(validate=validate.Length(min=1, max=100))
    creditDate = fields.Date()
    description = fields.String()
    creditMemoLineItems = fields.List(fields.Nested(LineItemRequest), validate=validate.Length(min=1))
    salesTaxPercentage = fields.Decimal(allow_nan=False, validate=[validate.Range(min=0, max=100), sensible])


class CreditMemoRequest(CreditMemoPatch):
    """POST /v3/credit-memos and PUT /v3/credit-memos/{creditMemoId}, which replaces the whole."""

    customerId = fields.String(required=True, validate=validate.Length(min=1))
    referenceNumber = fields.String(required=True, validate=validate.Length(min=1, max=100))
    creditDate = fields.Date(required=True)
    creditMemoLineItems = fields.List(fields.Nested(LineItemRequest), required=True, validate=validate.Length(min=1))


class PaidInvoiceRequest(Sent):
    """How much of a payment goes to one invoice."""

    id = fields.String(required=True)
    amount = fields.Decimal(
        required=True, allow_nan=False, validate=[validate.Range(min=0, min_inclusive=False), sensible]
    )


class RecordPaymentRequest(Sent):
    """POST /v3/invoices/record-payment: a payment that was received outside BILL, for invoices of one customer."""

    customerId = fields.String()
    paymentDate = fields.Date(required=True)
    paymentType = fields.String(
        required=True, validate=validate.OneOf(["CASH", "CHECK", "CREDIT_CARD", "ACH", "PAYPAL", "OTHER"])
    )
    amount = fields.Decimal(
        required=True, allow_nan=False, validate=[validate.Range(min=0, min_inclusive=False), sensible]
    )
    description = fields.String(validate=validate.Length(max=4000))
    invoices = fields.List(fields.Nested(PaidInvoiceRequest), required=True, validate=validate.Length(min=1))


class RecipientSchema(Sent):
    """To whom an invoice is sent."""

    to = fields.List(fields.Email(), required=True, validate=validate.Length(min=1))


class SenderSchema(Sent):
    """The user at BILL to whom the customer answers."""

    userId = fields.String(required=True)


class EmailRequest(Sent):
    """POST /v3/invoices/{invoiceId}/email."""

    recipient = fields.Nested(RecipientSchema, required=True)
    replyTo = fields.Nested(SenderSchema, required=True)


class PaymentLinkRequest(Sent):
    """POST /v3/invoices/{invoiceId}/payment-link."""

    customerId = fields.String(required=True)
    email = fields.Email(required=True)
    returnUrl = fields.String()


class PaymentLinkSchema(Schema):
    """Where an invoice can be paid; the only link that there is."""

    paymentLink = fields.String(required=True)


class LoginSchema(Schema):
    """The answer to a log-on."""

    sessionId = fields.String(required=True)
    organizationId = fields.String(required=True)
    userId = fields.String(required=True)
    trusted = fields.Boolean(required=True)


class SessionSchema(Schema):
    """Who is logged on."""

    organizationId = fields.String(required=True)
    userId = fields.String(required=True)
    mfaStatus = fields.String()
    mfaBypass = fields.Boolean()


class CustomerSchema(CustomerPatch):
    """A customer."""

    id = fields.String(required=True)
    archived = fields.Boolean(required=True)
    recordStatus = fields.String()
    hasBankAccount = fields.Boolean()
    authorizedToCharge = fields.Boolean()
    createdTime = fields.DateTime(required=True)
    updatedTime = fields.DateTime(required=True)


class LineItemSchema(LineItem):
    """One line."""

    id = fields.String(required=True)
    amount = fields.Decimal()


class InvoicePaymentSchema(Schema):
    """What was paid on an invoice."""

    id = fields.String()
    amount = fields.Decimal()
    status = fields.String(validate=validate.OneOf(["PAID", "SCHEDULED", "CANCELED", "VOID", "UNDEFINED"]))
    date = fields.Date()


class InvoiceSchema(Schema):
    """An invoice: neither currency nor link."""

    id = fields.String(required=True)
    archived = fields.Boolean(required=True)
    recordStatus = fields.String()
    invoiceNumber = fields.String(required=True)
    invoiceDate = fields.Date(required=True)
    dueDate = fields.Date(required=True)
    customerId = fields.String(required=True)
    totalAmount = fields.Decimal(required=True)
    dueAmount = fields.Decimal()
    scheduledAmount = fields.Decimal()
    creditAmount = fields.Decimal()
    status = fields.String(
        validate=validate.OneOf(["OPEN", "PARTIAL_PAYMENT", "PAID_IN_FULL", "SCHEDULED", "UNDEFINED"])
    )
    exchangeRate = fields.Decimal()
    invoiceLineItems = fields.List(fields.Nested(LineItemSchema))
    payToChartOfAccountId = fields.String()
    payments = fields.List(fields.Nested(InvoicePaymentSchema))
    salesTaxItemId = fields.String()
    salesTaxTotal = fields.Decimal()
    salesTaxPercentage = fields.Decimal()
    enableCardPayment = fields.Boolean()
    createdBy = fields.String()
    createdTime = fields.DateTime(required=True)
    updatedTime = fields.DateTime(required=True)


class UsageSchema(Schema):
    """Where a credit memo was used, or a payment."""

    invoiceId = fields.String(required=True)
    amount = fields.Decimal(required=True)
    paymentDate = fields.Date()


class CreditMemoSchema(Schema):
    """A credit memo."""

    id = fields.String(required=True)
    archived = fields.Boolean(required=True)
    recordStatus = fields.String()
    customerId = fields.String(required=True)
    referenceNumber = fields.String(required=True)
    creditDate = fields.Date(required=True)
    description = fields.String()
    amount = fields.Decimal(required=True)
    appliedAmount = fields.Decimal()
    salesTaxTotal = fields.Decimal()
    salesTaxPercentage = fields.Decimal()
    status = fields.String(
        validate=validate.OneOf(["NOT_APPLIED", "PARTIALLY_APPLIED", "FULLY_APPLIED", "IN_PROCESS", "UNDEFINED"])
    )
    creditMemoLineItems = fields.List(fields.Nested(LineItemSchema))
    usage = fields.List(fields.Nested(UsageSchema))
    createdTime = fields.DateTime(required=True)
    updatedTime = fields.DateTime(required=True)


class ReceivablePaymentSchema(Schema):
    """A customer's payment."""

    id = fields.String(required=True)
    customerId = fields.String(required=True)
    amount = fields.Decimal(required=True)
    paymentDate = fields.Date(required=True)
    unappliedAmount = fields.Decimal()
    receivablesType = fields.String()
    status = fields.String()
    onlinePayment = fields.Boolean()
    invoicePayments = fields.List(fields.Nested(UsageSchema))
    createdTime = fields.DateTime(required=True)
    updatedTime = fields.DateTime(required=True)


class RecordedPaymentSchema(Schema):
    """The answer to a payment that was recorded."""

    id = fields.String(required=True)
    customerId = fields.String(required=True)
    paymentType = fields.String(required=True)
    paymentDate = fields.Date(required=True)
    amount = fields.Decimal(required=True)
    unappliedAmount = fields.Decimal(required=True)
    description = fields.String()


class ParameterSchema(Schema):
    """What an error is about."""

    name = fields.String()
    value = fields.String()


class ErrorSchema(Schema):
    """One entry of an error body, which is an array."""

    timestamp = fields.DateTime()
    code = fields.String()
    severity = fields.String(validate=validate.OneOf(["ERROR", "WARNING", "INFORMATION"]))
    category = fields.String(validate=validate.OneOf(["REQUEST", "APPLICATION", "SERVER", "DOWNSTREAM"]))
    message = fields.String(required=True)
    params = fields.List(fields.Nested(ParameterSchema))
    detail = fields.String()
    help = fields.String()
