"""Every setting, and every switch for what a vendor leaves open, is explained to people."""

import re

from repository import ROOT

from billing_mock.cli import serve
from pipeline.sap import mapping
from pipeline.settings import NEEDS, SETTINGS, SOURCES

PAGE = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
VENDORS = ("POSTMAN", "BILL", "COPACO", "FYNN", "MAPPING")
LIMITS = re.compile(r"--(bill-(session|requests|logins|emails|forbid)|postman-rate|copaco-(allow|trusted))")
"""Switches that set a size, a limit or who may call, which `--help` explains."""


def test_every_setting_of_a_source_has_its_line():
    names = [one.name for one in SETTINGS if one.name.split("_")[1] in VENDORS]
    assert names
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_every_switch_for_what_a_vendor_leaves_open_has_its_row():
    switches = [option for parameter in serve.params for option in parameter.opts]
    open_ = [option for option in switches if option.split("-")[2].upper() in VENDORS and not LIMITS.match(option)]
    assert open_
    assert [option for option in open_ if f"`{option}`" not in PAGE] == []


def test_the_page_names_no_setting_and_no_switch_that_is_not_there():
    names = {one.name for one in SETTINGS}
    options = {option for parameter in serve.params for option in parameter.opts}
    assert set(re.findall(r"`(B2S_[A-Z_]+)`", PAGE)) <= names
    assert set(re.findall(r"`(--(?:postman|bill|copaco|fynn)-[a-z-]+)`", PAGE)) <= options


def test_the_mapping_file_that_is_shown_is_a_sound_one():
    (shown,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    books = mapping.read(shown)
    assert (books.chart, books.accounts["4400"], books.payables["postman"].supplier) == ("SKR04", "400100", "10300099")


ROWS = {
    name: (key, unless)
    for name, key, unless in re.findall(
        r"^\| `(B2S_[A-Z_]+)`( 🔑)? \| .* \| (.*) \|$", (ROOT / "docs" / "settings.md").read_text("utf-8"), re.MULTILINE
    )
}


def test_every_setting_has_a_row_and_every_row_is_a_setting():
    assert sorted(ROWS) == sorted(one.name for one in SETTINGS)


def test_a_row_shows_the_default_that_a_setting_has():
    assert {one.name: ROWS[one.name][1] for one in SETTINGS if one.default} == {
        one.name: f"`{one.default}`" for one in SETTINGS if one.default
    }


def test_a_row_has_a_key_where_the_setting_is_a_secret():
    assert {name for name, (key, _) in ROWS.items() if key} == {one.name for one in SETTINGS if one.secret}


def test_a_row_says_where_a_setting_must_be_set():
    needed = {name for names in NEEDS.values() for name in names} - {f"B2S_{name.upper()}_URL" for name in SOURCES}
    assert {name for name, (_, unless) in ROWS.items() if unless.startswith("must be set")} == needed
