"""How HTTP leaves this machine: through which proxy, and which authorities vouch for the other side.

Both are settings; nothing is taken from the environment (HTTPS_PROXY, .netrc, REQUESTS_CA_BUNDLE), because that could
carry credentials elsewhere. Own authorities are trusted besides the public ones, so that one file serves a SAP system
with a company's certificate and a vendor with a public one. Redirects are for the caller to refuse.
"""

import ssl
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError
from urllib3.exceptions import ProxyError as NoWayThrough
from urllib3.util.retry import Retry
from urllib3.util.ssl_ import create_urllib3_context

from pipeline.model.stops import Misconfigured

_NO_TUNNEL = "Tunnel connection failed: "
_NO_LOG_ON = f"{_NO_TUNNEL}407"


@dataclass(frozen=True, kw_only=True)
class Network:
    """The way to one side: a proxy, if any, with the name of its setting, and own authorities as PEM, if any."""

    proxy: str = field(default="", repr=False)
    proxy_setting: str = ""
    authorities: str = field(default="", repr=False)

    def session(self, retries: Retry | int, **pool: Any) -> requests.Session:
        """A session that goes this way and no other."""
        session = requests.Session()
        session.trust_env = False
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Adapter(self._trusted(), max_retries=retries, **pool))
            if self.proxy:
                session.proxies[scheme.removesuffix("://")] = self.proxy
        return session

    def hindrance(self, error: Exception, url: str) -> Misconfigured | None:
        """What to raise where a setting must be mended first: nothing has left then, and no repetition helps."""
        links = chain(error)
        for link in links:
            if isinstance(link, ssl.SSLCertVerificationError):
                return Misconfigured(
                    f"{url}: the certificate is not trusted ({link.verify_message.rstrip('.')}). Check the address; a "
                    "company's own authority is named by B2S_CA_BUNDLE"
                )
        if any(said.startswith(_NO_LOG_ON) for said in _refusals(links)):
            return Misconfigured(self.refused_log_on(url))
        return None

    def refused_log_on(self, url: str) -> str:
        """What a 407 means."""
        return f"{url}: the proxy on the way wants a log-on (407). Check {self.proxy_setting or 'the network'}"

    def at_proxy(self, error: Exception) -> str:
        """Where the proxy gave no way, that it did not; the request has not left then. Otherwise nothing."""
        links = chain(error)
        if not _is_of_proxy(links):
            return ""
        said = "".join(f" ({text})" for text in _refusals(links))
        return f"no way through the proxy of {self.proxy_setting}{said}"

    def _trusted(self) -> ssl.SSLContext | None:
        if not self.authorities:
            return None
        context = create_urllib3_context()
        context.load_verify_locations(cadata=self.authorities)
        return context


class _Adapter(HTTPAdapter):
    """Trusts what a context trusts besides what requests does."""

    def __init__(self, context: ssl.SSLContext | None, **options: Any) -> None:
        self._context = context
        super().__init__(**options)

    def init_poolmanager(self, *places: Any, **options: Any) -> None:
        super().init_poolmanager(*places, ssl_context=self._context, **options)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._context, proxy_ssl_context=self._context, **options)


def chain(error: BaseException) -> list[BaseException]:
    """The error and what it wraps, outermost first: causes, contexts, and urllib3's `reason` and first argument."""
    found: list[BaseException] = []
    todo: list[BaseException | None] = [error]
    while todo:
        link = todo.pop(0)
        if link is None or any(link is known for known in found):
            continue
        found.append(link)
        inner = [argument for argument in link.args if isinstance(argument, BaseException)]
        todo += [*inner, link.reason if isinstance(link, MaxRetryError) else None, link.__cause__]
    return found


def _refusals(links: list[BaseException]) -> list[str]:
    """What a proxy answered to the wish for a tunnel, as http.client words it."""
    return [str(link) for link in links if type(link) is OSError and str(link).startswith(_NO_TUNNEL)]


def _is_of_proxy(links: list[BaseException]) -> bool:
    return any(isinstance(link, NoWayThrough) for link in links)
