"""The way out: own authorities, proxies, and what is said where there is no way. Against real TLS and a real proxy."""

import base64
import shutil
import socket
import ssl
import subprocess

import pytest
from pipeline_stands import LOGGED_ON, TOKEN
from tunnel import Tunnel
from urllib3.exceptions import NewConnectionError
from urllib3.exceptions import ProxyError as NoWayThrough

from pipeline.model.outcome import NotTaken
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.network import Network
from pipeline.odata_client.client import Client
from pipeline.odata_client.entities import Document, Entities, EntitySet
from pipeline.odata_client.target import Target
from pipeline.sources.http import NoReply, SourceClient

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="makes its certificates with openssl")
AUTHORITY = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign")
SERVER = ("subjectAltName=IP:127.0.0.1", "keyUsage=critical,digitalSignature", "authorityKeyIdentifier=keyid")
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
PASSWORD = "pr0xy-CANARY"
LOG_ON = "Basic " + base64.b64encode(f"someone:{PASSWORD}".encode()).decode()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A company's authority and a server's certificate, which it signed."""
    folder = tmp_path_factory.mktemp("certificates")

    def request(name, subject, extensions, *more):
        added = [part for one in extensions for part in ("-addext", one)]
        command = ["openssl", "req", "-x509", *CURVE, "-days", "2", "-subj", subject, *added, *more]
        outputs = ["-keyout", f"{name}.key", "-out", f"{name}.pem"]
        subprocess.run([*command, *outputs], cwd=folder, check=True, capture_output=True, timeout=30)

    request("company", "/CN=A company's authority", AUTHORITY)
    request("server", "/CN=127.0.0.1", SERVER, "-CA", "company.pem", "-CAkey", "company.key")
    return folder


@pytest.fixture
def authorities(certificates):
    return (certificates / "company.pem").read_text()


@pytest.fixture
def secure(answering, certificates):
    """Start servers that bear the company's certificate."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    return lambda script: answering(script, tls)


@pytest.fixture
def tunnel_of():
    tunnels = []

    def start(**how):
        tunnels.append(Tunnel(**how))
        return tunnels[-1]

    yield start
    for tunnel in tunnels:
        tunnel.close()


@pytest.fixture
def sap_of(clock):
    clients = []

    def start(url, **network):
        target = Target(base_url=url, service="ZINVOICE_SRV", user="U", password="P", network=Network(**network))
        clients.append(Client(target, clock))
        return clients[-1]

    yield start
    for client in clients:
        client.close()


def vendor(url, clock, **network):
    return SourceClient(url, {"x-api-key": "K"}, clock, network=Network(proxy_setting="B2S_PROXY_URL", **network))


def healthy(_heard):
    return (200, {}, b"{}")


def unused():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def test_a_company_s_own_authority_is_trusted_once_it_is_named(secure, clock, sap_of, authorities):
    assert vendor(secure(healthy).url, clock, authorities=authorities).get("/").json == {}
    assert sap_of(secure(lambda _: LOGGED_ON).url, authorities=authorities).token() == TOKEN


def test_an_authority_that_nobody_named_is_told_at_once_with_the_setting_that_names_it(secure, clock, sap_of):
    for ask in (vendor(secure(healthy).url, clock).get, sap_of(secure(healthy).url).get):
        with pytest.raises(Misconfigured, match=r"certificate is not trusted \(.+\).*B2S_CA_BUNDLE"):
            ask("/")
    assert clock.slept == []


def test_public_authorities_stay_trusted_beside_one_s_own(authorities):
    session = Network(authorities=authorities).session(0)
    assert session.verify is True


@pytest.mark.parametrize("authorization", [None, LOG_ON])
def test_a_proxy_carries_everything_and_is_given_its_password(
    secure, clock, sap_of, tunnel_of, authorities, authorization
):
    tunnel = tunnel_of(authorization=authorization)
    server, gateway = secure(healthy), secure(lambda _: LOGGED_ON)
    way = {"authorities": authorities, "proxy": f"http://someone:{PASSWORD}@{tunnel.place}"}
    assert vendor(server.url, clock, **way).get("/").json == {}
    assert sap_of(gateway.url, **way).token() == TOKEN
    assert tunnel.asked == [server.url.removeprefix("https://"), gateway.url.removeprefix("https://")]
    assert "proxy-authorization" not in server.heard[0].headers


def test_a_plain_address_goes_through_the_proxy_too(answering, clock):
    proxy = answering(healthy)
    assert vendor("http://vendor.example", clock, proxy=proxy.url).get("/accounts").json == {}
    assert [heard.path for heard in proxy.heard] == ["http://vendor.example/accounts"]


def test_no_proxy_of_the_environment_and_no_netrc_is_heeded(answering, clock, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login u password p\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{unused()}")
    server = answering(healthy)
    assert vendor(server.url, clock).get("/").status == 200
    assert "authorization" not in server.heard[0].headers


def test_a_proxy_that_wants_another_log_on_is_told_once_without_the_password(answering, secure, clock, tunnel_of):
    tunnel = tunnel_of(authorization="Basic other")
    asked = [
        vendor(secure(healthy).url, clock, proxy=f"http://u:{PASSWORD}@{tunnel.place}"),
        vendor("http://vendor.example", clock, proxy=answering(lambda _: (407, {}, b"")).url),
    ]
    for client in asked:
        with pytest.raises(Misconfigured, match=r"wants a log-on \(407\). Check B2S_PROXY_URL") as raised:
            client.get("/")
        assert "CANARY" not in str(raised.value)
    assert len(tunnel.asked) == 1


@pytest.mark.parametrize(("status", "said"), [(503, r"Tunnel connection failed: 503"), (None, "")])
def test_a_proxy_that_gives_no_way_is_named_by_its_setting(clock, tunnel_of, status, said):
    place = tunnel_of(status=status).place if status else unused()
    reply = vendor("https://vendor.example", clock, proxy=f"http://u:{PASSWORD}@{place}").get("/")
    assert isinstance(reply, NoReply)
    assert reply.why.startswith("no way through the proxy of B2S_PROXY_URL")
    assert said in reply.why
    assert "CANARY" not in reply.why


def test_a_proxy_that_is_not_there_wants_no_log_on_whatever_its_port_is_called():
    error = NoWayThrough("Cannot connect to proxy.", NewConnectionError(None, "port=4071: Connection refused"))
    network = Network(proxy_setting="B2S_PROXY_URL")
    assert network.hindrance(error, "https://vendor.example") is None
    assert network.at_proxy(error) == "no way through the proxy of B2S_PROXY_URL"


@pytest.mark.parametrize("status", [503, None])
def test_what_did_not_get_through_the_proxy_has_not_reached_sap(clock, sap_of, tunnel_of, status):
    place = tunnel_of(status=status).place if status else unused()
    client = sap_of("https://sap.example", proxy=f"http://{place}", proxy_setting="B2S_SAP_PROXY_URL")
    with pytest.raises(Unavailable, match="no way through the proxy of B2S_SAP_PROXY_URL"):
        client.token()
    client._token = TOKEN
    (outcome,) = Entities(client, EntitySet(name="Invoices", key_property="ID"), clock).create(
        [Document(key="inv_1", payload=b"{}")]
    )
    assert isinstance(outcome, NotTaken)


def test_a_proxy_that_wants_a_log_on_before_sap_is_named(sap_of, answering):
    proxy = answering(lambda _: (407, {}, b""))
    with pytest.raises(Misconfigured, match="B2S_SAP_PROXY_URL"):
        sap_of("http://sap.example", proxy=proxy.url).token()
