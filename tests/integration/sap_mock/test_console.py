"""The console over HTTP, read as a browser without scripts would read it."""

import json
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from lxml import html

from sap_mock.faults import FAULTS

TIMEOUT = 30
HOSTILE = "<script>alert(1)</script>"
NO_FOREIGN_SOURCES = "default-src 'none'"


class Browser:
    """Follows links and sends forms; ``page`` is the last page as a tree."""

    def __init__(self, gateway):
        self._origin = gateway.url
        self._session = requests.Session()
        self._session.trust_env = False

    def open(self, address, answered=200):
        self._shown(self._session.get(urljoin(self._origin, address), timeout=TIMEOUT), answered)
        return self

    def send(self, form, answered=200, **written):
        values = {**dict(form.form_values()), **written}
        action = urljoin(self.answer.url, form.get("action") or self.answer.url)
        self._shown(self._session.post(action, data=values, timeout=TIMEOUT), answered)
        return self

    def form(self, path="//form[@method='post']"):
        return self.page.xpath(path)[0]

    def table(self):
        return [[cell.text_content().strip() for cell in row.xpath("td")] for row in self.page.xpath("//tbody/tr")]

    def links(self):
        return self.page.xpath("//a/@href")

    @property
    def text(self):
        return " ".join(self.page.text_content().split())

    def _shown(self, answer, answered):
        assert answer.status_code == answered, answer.text
        self.answer = answer
        self.page = html.fromstring(answer.text)


@pytest.fixture
def browser(sap_gateway):
    return Browser(sap_gateway)


@pytest.fixture
def invoice(sap_gateway):
    return sap_gateway.create("ZINVOICE_SRV", "Invoices", ID=HOSTILE, Value="1.5", Currency="USD")


def test_the_bare_address_leads_to_the_console_with_services_and_health(sap_gateway, browser):
    browser.open("/")
    assert browser.answer.url == f"{sap_gateway.url}/_mock/"
    assert {"/_mock/services", "/_mock/health"} < set(browser.links())


def test_every_link_of_the_console_leads_somewhere(sap_gateway, browser, invoice):
    sap_gateway.faults.add("latency", milliseconds=1)
    waiting, seen = ["/_mock/"], set()
    with sap_gateway.session() as logged_on:
        while waiting:
            address = waiting.pop()
            if address in seen:
                continue
            seen.add(address)
            if address.startswith("/_mock/") and "format=" not in address:
                browser.open(address)
                waiting += [urljoin(address, link) for link in browser.links()]
            else:
                answer = logged_on.get(sap_gateway.url + address, headers={"Accept": "*/*"}, timeout=TIMEOUT)
                assert answer.status_code == 200, address
    assert "/sap/opu/odata/sap/ZJOURNAL_SRV/$metadata" in seen
    assert len([address for address in seen if address.startswith("/_mock/console/entities/")]) == 7


def test_no_page_loads_or_sends_anything_elsewhere_and_none_has_a_script_of_its_own(browser):
    for address in ("/_mock/", "/_mock/console/faults", "/_mock/console/journal", "/_mock/console/settings"):
        browser.open(address)
        policy = browser.answer.headers["Content-Security-Policy"]
        assert policy.startswith(NO_FOREIGN_SOURCES)
        assert "unsafe" not in policy
        assert browser.answer.headers["X-Content-Type-Options"] == "nosniff"
        places = browser.page.xpath("//@src | //@href | //@action")
        assert [place for place in places if urlsplit(place).netloc or urlsplit(place).scheme not in ("", "data")] == []
        assert browser.page.xpath("//script[not(@src)] | //@style | //@*[starts-with(name(), 'on')]") == []


def test_the_overview_counts_what_each_entity_set_holds(browser, invoice):
    counts = {row[0]: row[2] for row in browser.open("/_mock/").table()}
    assert counts["Invoices"] == "1"
    assert counts["JournalEntries"] == "0"


def test_an_entity_shows_every_property_and_no_text_of_it_becomes_markup(browser, invoice):
    browser.open("/_mock/console/entities/ZINVOICE_SRV/Invoices")
    assert browser.page.xpath("//thead//th/text()") == ["ID", "Status", "IssuedAt", "Value", "Currency", "Link"]
    assert browser.table() == [["↗", HOSTILE, "", "null", "1.500", "USD", ""]]
    assert HOSTILE not in browser.answer.text


@pytest.mark.parametrize(
    ("asked", "shown", "ids"),
    [
        ("", "1 to 50 of 52", ["00", "49"]),
        ("?page=2", "51 to 52 of 52", ["50", "51"]),
        ("?page=9", "51 to 52 of 52", ["50", "51"]),
        ("?page=-1", "1 to 50 of 52", ["00", "49"]),
        ("?page=two", "1 to 50 of 52", ["00", "49"]),
    ],
)
def test_many_entities_are_shown_a_page_at_a_time(sap_gateway, browser, asked, shown, ids):
    with sap_gateway.session() as session:
        for number in range(52):
            answer = session.post(
                f"{sap_gateway.service('ZINVOICE_SRV')}Invoices", json={"ID": f"{number:02}"}, timeout=TIMEOUT
            )
            assert answer.status_code == 201, answer.text
    browser.open(f"/_mock/console/entities/ZINVOICE_SRV/Invoices{asked}")
    assert shown in browser.text
    assert [browser.table()[at][1] for at in (0, -1)] == ids


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_fault_has_a_form_that_puts_it_in_force_as_its_defaults_have_it(browser, name):
    browser.open("/_mock/console/faults")
    assert f"/_mock/console/faults/new/{name}" in browser.links()
    browser.open(f"/_mock/console/faults/new/{name}")
    browser.send(browser.form())
    assert [row[1:4] for row in browser.table()] == [[name, "everybody, always", "0"]]


def test_a_plan_made_in_the_console_strikes_shows_its_score_and_can_be_removed(sap_gateway, browser):
    browser.open("/_mock/console/faults/new/http_error")
    browser.send(browser.form(), status="503", service="ZINVOICE_SRV", method="GET", times="1", skip="0")
    with sap_gateway.session("ZJOURNAL_SRV") as session:
        struck = session.get(f"{sap_gateway.service('ZINVOICE_SRV')}Invoices", timeout=TIMEOUT)
        spared = session.get(f"{sap_gateway.service('ZINVOICE_SRV')}Invoices", timeout=TIMEOUT)
    assert (struck.status_code, spared.status_code) == (503, 200)
    matched, struck, left = browser.open("/_mock/console/faults").table()[0][3:6]
    assert (matched, struck, left) == ("2", "1", "0 ✓")
    browser.send(browser.form())
    assert "None: everything works." in browser.text


def test_a_plan_that_cannot_be_is_refused_in_a_sentence_and_stays_in_the_form(browser):
    browser.open("/_mock/console/faults/new/latency")
    browser.send(browser.form(), 400, milliseconds="long", entity_set=HOSTILE)
    assert (
        "'milliseconds' is 'long'; it must be a whole number"
        in browser.page.xpath("//*[@role='alert']")[0].text_content()
    )
    assert browser.form().fields["milliseconds"] == "long"
    assert browser.form().fields["entity_set"] == HOSTILE
    assert browser.open("/_mock/console/faults").table() == []


def test_a_plan_for_what_nobody_serves_is_refused_in_the_form(browser):
    browser.open("/_mock/console/faults/new/latency")
    browser.send(browser.form(), 400, service="ZINVOICE_SRV", entity_set=HOSTILE)
    assert "allowed are $batch, $metadata, Invoices" in browser.page.xpath("//*[@role='alert']")[0].text_content()


@pytest.mark.parametrize("token", ["", "0" * 64, "ü"])
def test_a_form_of_another_page_changes_nothing(sap_gateway, browser, invoice, token):
    plan = sap_gateway.faults.add("latency", milliseconds=1, may_stay_idle=True)
    for address in ("reset", "faults/new/latency", f"faults/{plan}/remove"):
        answer = requests.post(f"{sap_gateway.url}/_mock/console/{address}", {"token": token}, timeout=TIMEOUT)
        assert (answer.status_code, "out of date" in answer.text) == (403, True)
    assert len(sap_gateway.entities("ZINVOICE_SRV", "Invoices")) == 1
    assert [row[0] for row in browser.open("/_mock/console/faults").table()] == [plan]


OWN, FOREIGN = "http://{host}", "https://evil.example.com"


@pytest.mark.parametrize(
    ("method", "address"),
    [("POST", "/_mock/reset"), ("POST", "/_mock/faults"), ("DELETE", "/_mock/faults"), ("DELETE", "/_mock/journal")],
)
@pytest.mark.parametrize(
    ("headers", "let_through"),
    [
        ({}, True),
        ({"Origin": OWN}, True),
        ({"Origin": FOREIGN, "Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": FOREIGN}, False),
        ({"Origin": "null"}, False),
        ({"Origin": OWN, "Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)  # fmt: skip
def test_scripts_may_change_the_stand_in_and_pages_of_other_sites_may_not(
    sap_gateway, invoice, method, address, headers, let_through
):
    headers = {name: value.format(host=sap_gateway.url.partition("//")[2]) for name, value in headers.items()}
    answer = requests.request(method, sap_gateway.url + address, headers=headers, timeout=TIMEOUT)
    assert (answer.status_code != 403) is let_through
    assert let_through or len(sap_gateway.entities("ZINVOICE_SRV", "Invoices")) == 1


def test_the_button_empties_everything_and_forms_loaded_before_it_no_longer_count(sap_gateway, browser, invoice):
    old = browser.open("/_mock/").form()
    browser.send(old)
    assert browser.table()[0][2] == "0"
    assert browser.open("/_mock/console/journal").table() == []
    browser.send(old, 403)


def test_the_journal_shows_the_newest_first_and_what_the_filters_let_through(sap_gateway, browser, invoice):
    sap_gateway.entities("ZJOURNAL_SRV", "JournalEntries")
    addresses = [row[2] for row in browser.open("/_mock/console/journal").table()]
    assert addresses.index("ZJOURNAL_SRV/JournalEntries") < addresses.index("ZINVOICE_SRV/Invoices")
    browser.open("/_mock/console/journal?service=&entity_set=&method=POST&status=201&fault=&transaction_id=")
    assert [row[1:4] for row in browser.table()] == [["POST", "ZINVOICE_SRV/Invoices", "201"]]
    as_json = next(link for link in browser.links() if "format=json" in link)
    assert len(json.loads(requests.get(sap_gateway.url + as_json, timeout=TIMEOUT).text)) == 1
    assert "Nothing that matches." in browser.open("/_mock/console/journal?service=NO_SRV").text


def test_one_exchange_is_shown_as_asked_and_as_answered_without_its_secrets(sap_gateway, browser, invoice):
    browser.open("/_mock/console/journal?method=POST")
    browser.open(next(link for link in browser.links() if "/console/journal/" in link))
    asked, answered = (block.text_content() for block in browser.page.xpath("//pre"))
    assert asked.startswith("POST /sap/opu/odata/sap/ZINVOICE_SRV/Invoices\n")
    assert "authorization: Basic ***\n" in asked
    assert "x-csrf-token: ***\n" in asked
    assert answered.startswith("201\n")
    assert HOSTILE in answered
    assert HOSTILE not in browser.answer.text


def test_the_settings_are_shown_without_passwords(browser):
    shown = {row[0]: row[1] for row in browser.open("/_mock/console/settings").table()}
    assert shown["SAP_MOCK_USERS"] == "DEVELOPER:***"
    assert shown["SAP_MOCK_PORT"] == str(urlsplit(browser.answer.url).port)
    assert "Sap-mock1" not in browser.answer.text


@pytest.mark.parametrize(
    "address",
    [
        "entities/NO_SRV/Invoices",
        "entities/ZINVOICE_SRV/Nothing",
        "faults/new/nothing",
        "journal/999999999",
        f"journal/{10**20}",
    ],
)
def test_what_is_not_there_is_not_found(browser, address):
    browser.open(f"/_mock/console/{address}", 404)
