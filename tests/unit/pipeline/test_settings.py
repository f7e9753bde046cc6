"""Settings: everything wrong is told at once, secrets are not told at all."""

import certifi
import pytest

from pipeline import settings
from pipeline.model.stops import Misconfigured

COMPLETE = {
    "B2S_SAP_URL": "https://sap.example.com:44300",
    "B2S_SAP_USER": "DEVELOPER",
    "B2S_SAP_PASSWORD": "pass-CANARY",
    "B2S_POSTMAN_URL": "https://api.postman.com",
    "B2S_POSTMAN_API_KEY": "key-CANARY",
}
BOTH = ("sap", "postman")


@pytest.fixture
def load(tmp_path, monkeypatch):
    for name in [setting.name for setting in settings.SETTINGS]:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)

    def start(environment=(), toml="", needs=BOTH):
        for name, value in dict(environment).items():
            monkeypatch.setenv(name, value)
        file = tmp_path / "billing-to-sap.toml"
        if toml:
            file.write_text(toml, encoding="utf-8")
        return settings.load(needs, file=file)

    return start


def problems(load, *arguments, **more):
    with pytest.raises(Misconfigured) as raised:
        load(*arguments, **more)
    assert "CANARY" not in str(raised.value)
    return str(raised.value).split("\n")


def test_a_complete_environment_is_read_with_its_defaults(load):
    given = load(COMPLETE)
    assert (given.sap_url, given.grace, given.sap_slots, given.ledger_url) == (
        "https://sap.example.com:44300",
        660_000,
        2,
        "sqlite:///billing-to-sap.db",
    )


def test_everything_missing_is_named_together_with_what_it_is(load):
    assert [line.split(" ")[0] for line in problems(load)] == [*settings.NEEDS["sap"], *settings.NEEDS["postman"]]
    assert "B2S_SAP_USER is missing: set it to the user who posts" in problems(load)


WRONG = [
    ("B2S_SAP_URL", "sap.example.com", "is no address"),
    ("B2S_SAP_URL", "ftp://sap", "is no address"),
    ("B2S_SAP_URL", "https://u:pass-CANARY@sap", "must hold no user"),
    ("B2S_SAP_URL", "https://sap/sap/opu/odata", "ends with the port"),
    ("B2S_SAP_URL", "https://sap:port", "has a port that is no number"),
    ("B2S_POSTMAN_URL", "https://h/p?key=pass-CANARY", "must hold no user, password, query"),
    ("B2S_GRACE_SECONDS", "soon", "must be a whole number from 0 to 86400"),
    ("B2S_GRACE_SECONDS", "-1", "must be a whole number"),
    ("B2S_GRACE_SECONDS", "1.5", "must be a whole number"),
    ("B2S_SAP_SLOTS", "0", "must be a whole number from 1 to 32"),
    ("B2S_SAP_CLIENT", "1", "is three digits"),
    ("B2S_BILL_URL", "https://gateway.stage.bill.com/connect/v3/", "ends before the version"),
    ("B2S_BILL_HOME_CURRENCY", "euro", "is no currency"),
    ("B2S_COPACO_SINCE", "last year", "is no day"),
    ("B2S_COPACO_NAMES", "X-Api-Key startDate", "is three words"),
    ("B2S_COPACO_TYPES", "Factuur", "is a list of words with their meaning"),
    ("B2S_COPACO_TYPES", "Factuur=bill", "is a list of words with their meaning"),
    ("B2S_POSTMAN_UNIT", "cents", "must be major or minor"),
    ("B2S_FYNN_UNIT", "MINOR", "must be major or minor"),
    ("B2S_COPACO_NAMES", "X-Api-Key: startDate endDate", "is three words"),
    ("B2S_BROKER_URL", "redis://:pass-CANARY@h/0", "shows a message again while it is still worked on"),
    ("B2S_BROKER_URL", "rediss://h/0", "use RabbitMQ"),
    ("B2S_BROKER_URL", "sentinel://h", "shows a message again"),
    ("B2S_BROKER_URL", "sqs://key:pass-CANARY@", "shows a message again"),
    ("B2S_BROKER_URL", "memory://", "is seen by one process only"),
    ("B2S_BROKER_URL", "filesystem://", "keeps no message safe from a crash"),
    ("B2S_BROKER_URL", "kafka://u:pass-CANARY@h", "is no address of RabbitMQ"),
    ("B2S_BROKER_URL", "amqp://", "is no address of RabbitMQ"),
    ("B2S_LOG_LEVEL", "loud", "must be one of DEBUG, INFO, WARNING, ERROR"),
    *(
        ("B2S_LEDGER_URL", url, "must name a file and nothing behind it")
        for url in (
            "sqlite://",
            "sqlite:///",
            "sqlite:///:memory:",
            "sqlite+pysqlite://",
            "sqlite:///file::memory:?uri=true",
        )
    ),
    ("B2S_PROXY_URL", "proxy.example.com:3128", "is no address of an HTTP proxy"),
    ("B2S_PROXY_URL", "socks5://u:pass-CANARY@proxy:1080", "is no address of an HTTP proxy"),
    ("B2S_SAP_PROXY_URL", "http://u:pass-CANARY@proxy:port", "is no address of an HTTP proxy"),
    ("B2S_SAP_PROXY_URL", "http://u:pass-CANARY@proxy/path", "is no address of an HTTP proxy"),
    ("B2S_SAP_PROXY_URL", "http://u:%E2%82%AC-CANARY@proxy", "is no address of an HTTP proxy"),
    ("B2S_CA_BUNDLE", "/nowhere/ca.pem", "names a file that cannot be read"),
    ("B2S_CA_BUNDLE", "/", "names a file that cannot be read"),
    ("B2S_CA_BUNDLE", __file__, "names a file without a sound certificate in PEM"),
    ("B2S_POSTMAN_API_KEY", "key-CANARY-€", "holds a line break or a character outside ASCII"),
    ("B2S_BILL_DEV_KEY", "key-CANARY\nmore", "holds a line break or a character outside ASCII"),
    ("B2S_COPACO_API_KEY", "schlüssel-CANARY", "holds a line break or a character outside ASCII"),
    ("B2S_FYNN_TOKEN", "token-CANARY\r\nmore", "holds a line break or a character outside ASCII"),
    ("B2S_SAP_USER", "M\udcfcller", "holds bytes that are no UTF-8"),
    ("B2S_SWEEP_SECONDS", "0", "must be a whole number from 1 to 3600"),
]


@pytest.mark.parametrize(("name", "value", "words"), WRONG)
def test_a_wrong_value_is_told_in_one_line_that_names_it(load, name, value, words):
    (line,) = problems(load, {**COMPLETE, name: value})
    assert line.startswith(f"{name} ")
    assert words in line


def test_a_sound_way_through_a_company_s_network_is_taken_as_it_is_written(load):
    proxy = "http://someone:p%40ss@proxy.example.com:3128"
    given = load({**COMPLETE, "B2S_PROXY_URL": f"{proxy}/", "B2S_CA_BUNDLE": certifi.where()})
    assert (given.proxy, given.sap_proxy) == (proxy, "")
    assert "BEGIN CERTIFICATE" in given.authorities
    assert proxy in given.secrets
    assert "p%40ss" not in repr(given)


def test_several_wrong_values_are_told_together(load):
    lines = problems(load, {**COMPLETE, "B2S_SAP_URL": "x", "B2S_SAP_SLOTS": "x", "B2S_SAP_USER": ""})
    assert {line.split(" ")[0] for line in lines} == {"B2S_SAP_URL", "B2S_SAP_SLOTS", "B2S_SAP_USER"}


def test_what_a_command_does_not_need_may_be_missing(load):
    assert load({}, needs=()).sap_url == ""


def test_the_environment_wins_over_the_file(load):
    given = load({**COMPLETE, "B2S_SAP_USER": "ENVIRONMENT"}, 'B2S_SAP_USER = "FILE"\nB2S_SAP_SLOTS = 5\n')
    assert (given.sap_user, given.sap_slots) == ("ENVIRONMENT", 5)


@pytest.mark.parametrize("where", ["environment", "toml"])
def test_a_secret_can_stay_in_a_file_of_its_own(load, tmp_path, where):
    secret = tmp_path / "secret"
    secret.write_text("from-a-file\n", encoding="utf-8")
    rest = {name: value for name, value in COMPLETE.items() if name != "B2S_SAP_PASSWORD"}
    if where == "environment":
        assert load({**rest, "B2S_SAP_PASSWORD_FILE": str(secret)}).sap_password == "from-a-file"
    else:
        assert load(rest, f'B2S_SAP_PASSWORD_FILE = "{secret}"').sap_password == "from-a-file"


@pytest.mark.parametrize("where", ["environment", "toml"])
@pytest.mark.parametrize("name", ["B2S_SAP_PASSWORD", "B2S_POSTMAN_URL"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "names a file that cannot be read: No such file or directory"),
        ("pass-CANARY-\u00e9".encode("latin-1"), "names a file that is no text in UTF-8"),
    ],
)
def test_a_value_in_a_file_that_cannot_be_read_is_told_in_one_line(load, tmp_path, where, name, content, words):
    file = tmp_path / "value"
    if content:
        file.write_bytes(content)
    rest = {one: value for one, value in COMPLETE.items() if one != name}
    named = {f"{name}_FILE": str(file)}
    given = ({**rest, **named}, "") if where == "environment" else (rest, f'{name}_FILE = "{file}"')
    (line,) = problems(load, *given)
    assert line.startswith(f"{name}_FILE {words}")
    assert settings.configured_sources(file=tmp_path / "billing-to-sap.toml") == ("postman",)


def test_the_mark_that_editors_put_before_utf_8_belongs_to_no_value(load, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("from-a-file", encoding="utf-8-sig")
    toml = tmp_path / "billing-to-sap.toml"
    toml.write_text("B2S_SAP_SLOTS = 5", encoding="utf-8-sig")
    given = load({**COMPLETE, "B2S_SAP_PASSWORD_FILE": str(secret)})
    assert (given.sap_password, given.sap_slots) == ("from-a-file", 5)


LIKE = {
    "B2S_POSTMAN_UNTI": "B2S_POSTMAN_UNIT",
    "b2s_postman_unit": "B2S_POSTMAN_UNIT",
    "B2S_POSTMAN_UNITS": "B2S_POSTMAN_UNIT",
    "B2S_POSTMAN_KEY": "B2S_POSTMAN_API_KEY",
    "B2S_SAP_PASWORD_FILE": "B2S_SAP_PASSWORD_FILE",
    "B2S_GRACE": "B2S_GRACE_SECONDS",
    "B2S_MAPPING": "B2S_MAPPING_FILE",
    "B2S_LEDGER_URI": "B2S_LEDGER_URL",
}


@pytest.mark.parametrize(("name", "meant"), LIKE.items())
def test_a_name_that_is_almost_a_setting_is_told_together_with_what_is_wrong(load, name, meant):
    lines = problems(load, {**COMPLETE, "B2S_SAP_SLOTS": "x", name: "minor"})
    assert len(lines) == 2
    assert f"{name} is no setting: did you mean {meant}?" in lines
    assert any(line.startswith("B2S_SAP_SLOTS ") for line in lines)


def test_names_that_are_like_no_setting_are_other_programs(load, monkeypatch):
    others = ("B2S_CORPUS", "B2S_REPLAY", "B2S_KILLS", "B2S_STORIES", "B2S_POSTGRES_URL", "B2S_TEST_BROKER_URL")
    assert load({**COMPLETE, **dict.fromkeys(others, "x")}).sap_user == "DEVELOPER"
    assert set(others) <= {name for name, meant in settings.unknown().items() if not meant}


@pytest.mark.parametrize("name", ["B2S_GRACE_SECONDS", "B2S_LEDGER_URL", "B2S_COPACO_NAMES"])
def test_a_setting_that_is_empty_has_its_default(load, name):
    assert load({**COMPLETE, name: ""}) == load(COMPLETE)


def test_every_setting_may_stand_in_the_file(load):
    given = load(COMPLETE, 'B2S_MAPPING_FILE = "own.toml"\nB2S_METRICS_FILE = "b2s.prom"')
    assert (given.mapping_file, given.metrics_file) == ("own.toml", "b2s.prom")


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("B2S_SAP_USR = 'x'", "is not a setting of this program: did you mean B2S_SAP_USER?"),
        ("B2S_SAP_SLOTS = 1.5", "must be a text or a whole number"),
        ("B2S_SAP_SLOTS = 99", "must be a whole number from 1 to 32"),
        ("B2S_SAP_URL", "cannot be read"),
        ("[sap]\nurl = 'x'", "sap in"),
    ],
)
def test_a_wrong_file_is_told(load, toml, words):
    assert any(words in line for line in problems(load, COMPLETE, toml))


def test_settings_of_parts_that_come_later_are_tolerated(load):
    assert load(COMPLETE, 'B2S_FYNN_TOKEN = "x"').sap_user == "DEVELOPER"


@pytest.mark.parametrize(
    ("environment", "names"), [({}, ()), ({"B2S_POSTMAN_URL": "not even an address"}, ("postman",))]
)
def test_a_source_is_configured_once_it_has_an_address_right_or_wrong(load, tmp_path, environment, names):
    load(environment, needs=()) if not environment else problems(load, environment, needs=())
    assert settings.configured_sources(file=tmp_path / "billing-to-sap.toml") == names


def test_secrets_do_not_show(load):
    assert "CANARY" not in repr(load(COMPLETE))
