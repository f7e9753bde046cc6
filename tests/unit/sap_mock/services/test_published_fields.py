"""The models publish SAP's fields with SAP's types and lengths, and every tie that a deep insert goes along."""

import pytest

from sap_mock.services import api_supplierinvoice_process_srv, zjournal_srv

INVOICE = api_supplierinvoice_process_srv.SERVICE.model
JOURNAL = zjournal_srv.SERVICE.model

# Lengths as SAP publishes them: CSN of @sap/cloud-sdk-vdm-supplier-invoice-process-service; BKPF and BSEG for the journal.
FIELDS = [
    (INVOICE, "A_SupplierInvoice", "SupplierInvoice", "Edm.String", 10, None),
    (INVOICE, "A_SupplierInvoice", "FiscalYear", "Edm.String", 4, None),
    (INVOICE, "A_SupplierInvoice", "CompanyCode", "Edm.String", 4, None),
    (INVOICE, "A_SupplierInvoice", "DocumentDate", "Edm.DateTime", None, None),
    (INVOICE, "A_SupplierInvoice", "PostingDate", "Edm.DateTime", None, None),
    (INVOICE, "A_SupplierInvoice", "SupplierInvoiceIDByInvcgParty", "Edm.String", 16, None),
    (INVOICE, "A_SupplierInvoice", "InvoicingParty", "Edm.String", 10, None),
    (INVOICE, "A_SupplierInvoice", "DocumentCurrency", "Edm.String", 5, None),
    (INVOICE, "A_SupplierInvoice", "InvoiceGrossAmount", "Edm.Decimal", None, (14, 3)),
    (INVOICE, "A_SupplierInvoice", "DocumentHeaderText", "Edm.String", 25, None),
    (INVOICE, "A_SupplierInvoice", "PaymentTerms", "Edm.String", 4, None),
    (INVOICE, "A_SupplierInvoice", "NetPaymentDays", "Edm.Decimal", None, (3, 0)),
    (INVOICE, "A_SupplierInvoice", "PaymentBlockingReason", "Edm.String", 1, None),
    (INVOICE, "A_SupplierInvoice", "AssignmentReference", "Edm.String", 18, None),
    (INVOICE, "A_SupplierInvoice", "PaymentReference", "Edm.String", 30, None),
    (INVOICE, "A_SupplierInvoice", "SupplierPostingLineItemText", "Edm.String", 50, None),
    (INVOICE, "A_SupplierInvoice", "TaxIsCalculatedAutomatically", "Edm.Boolean", None, None),
    (INVOICE, "A_SupplierInvoice", "SupplierInvoiceIsCreditMemo", "Edm.String", 1, None),
    (INVOICE, "A_SupplierInvoiceItemGLAcct", "SupplierInvoiceItem", "Edm.String", 4, None),
    (INVOICE, "A_SupplierInvoiceItemGLAcct", "GLAccount", "Edm.String", 10, None),
    (INVOICE, "A_SupplierInvoiceItemGLAcct", "WBSElement", "Edm.String", 24, None),
    (INVOICE, "A_SupplierInvoiceItemGLAcct", "SupplierInvoiceItemAmount", "Edm.Decimal", None, (14, 3)),
    (INVOICE, "A_SuplrInvcItemPurOrdRef", "SupplierInvoiceItem", "Edm.String", 6, None),
    (INVOICE, "A_SuplrInvcItemPurOrdRef", "PurchaseOrderItem", "Edm.String", 5, None),
    (INVOICE, "A_SupplierInvoiceTax", "SupplierInvoiceTaxCounter", "Edm.String", 6, None),
    (INVOICE, "A_SupplierInvoiceTax", "TaxAmount", "Edm.Decimal", None, (14, 3)),
    (INVOICE, "A_SupplierInvoiceTax", "TaxBaseAmountInTransCrcy", "Edm.Decimal", None, (16, 3)),
    (JOURNAL, "JournalEntries", "CompanyCode", "Edm.String", 4, None),
    (JOURNAL, "JournalEntries", "DocumentNumber", "Edm.String", 10, None),
    (JOURNAL, "JournalEntries", "DocumentType", "Edm.String", 2, None),
    (JOURNAL, "JournalEntries", "Reference", "Edm.String", 16, None),
    (JOURNAL, "JournalEntries", "HeaderText", "Edm.String", 25, None),
    (JOURNAL, "JournalEntryItems", "GLAccount", "Edm.String", 10, None),
    (JOURNAL, "JournalEntryItems", "Amount", "Edm.Decimal", None, (24, 3)),
    (JOURNAL, "JournalEntryItems", "TaxCode", "Edm.String", 2, None),
    (JOURNAL, "JournalEntryItems", "Text", "Edm.String", 50, None),
]


@pytest.mark.parametrize(("model", "entity_set", "name", "type_name", "length", "precision"), FIELDS)
def test_a_field_has_saps_type_and_length(model, entity_set, name, type_name, length, precision):
    prop = model.entity_sets[entity_set].entity_type.by_name[name]

    assert prop.type.name == type_name
    assert prop.facets.max_length == length
    assert precision is None or (prop.facets.precision, prop.facets.scale) == precision


@pytest.mark.parametrize(
    ("model", "entity_set", "navigation", "key"),
    [
        (INVOICE, "A_SupplierInvoice", "to_SupplierInvoiceItemGLAcct", ("SupplierInvoice", "FiscalYear")),
        (INVOICE, "A_SupplierInvoice", "to_SuplrInvcItemPurOrdRef", ("SupplierInvoice", "FiscalYear")),
        (INVOICE, "A_SupplierInvoice", "to_SupplierInvoiceTax", ("SupplierInvoice", "FiscalYear")),
        (JOURNAL, "JournalEntries", "ToItems", ("CompanyCode", "FiscalYear", "DocumentNumber")),
    ],
)
def test_children_are_tied_by_the_key_of_their_document(model, entity_set, navigation, key):
    relation = model.relations[entity_set, navigation]

    assert relation.to_many
    assert relation.pairs == tuple((name, name) for name in key)


@pytest.mark.parametrize(
    ("model", "name", "parameters"),
    [
        (INVOICE, "Cancel", {"SupplierInvoice", "FiscalYear", "ReversalReason", "PostingDate"}),
        (INVOICE, "Release", {"SupplierInvoice", "FiscalYear", "DiscountDaysHaveToBeShifted"}),
        (INVOICE, "Post", {"SupplierInvoice", "FiscalYear"}),
        (JOURNAL, "Reverse", {"CompanyCode", "FiscalYear", "DocumentNumber", "ReversalReason", "PostingDate"}),
    ],
)
def test_a_function_import_is_an_action_of_the_document(model, name, parameters):
    function = model.function_imports[name]

    assert function.http_method == "POST"
    assert set(function.parameter_by_name) == parameters
    assert "action-for" in function.sap


@pytest.mark.parametrize(
    "service", [zjournal_srv.SERVICE, api_supplierinvoice_process_srv.SERVICE], ids=lambda s: s.name
)
def test_a_model_has_no_oddities(service):
    assert service.model.findings == ()
