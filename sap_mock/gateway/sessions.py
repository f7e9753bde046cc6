"""Log-on, security session and x-csrf-token, as ICF checks them before the Gateway sees a request.

SAP Help, "Cross-Site Request Forgery Protection"; SAP KBA 3048103: a token counts only with the session cookie it was
fetched with. Sessions and tokens are signed, not stored, so that every worker process knows them and a restart with
another secret ends them all.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote

from sap_mock import clock, identifiers
from sap_mock.formats.error_document import TOKEN_REFUSED, logon_page
from sap_mock.odata.messages import ODataRequest, ODataResponse

_NONCE, _SIGNATURE = 6, 10
_SESSIONS_KEPT = 1000  # verified once, so that a client of many requests pays once
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class NotAdmitted(Exception):
    """A plain refusal of ICF, outside the OData envelope."""

    def __init__(self, response: ODataResponse) -> None:
        super().__init__(response.status)
        self.response = response


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Who was let in, and what the answer must carry for it: cookies of a new session, a token that was asked for."""

    user: str
    headers: tuple[tuple[str, str], ...] = ()


class Logon:
    """The users of one system and client.

    ``users`` maps names in upper case to passwords; ``secret`` gives the present signing secret; ``lifetime`` is in
    seconds (``http/security_session_timeout``, 1800 unless set) and is counted from log-on.
    """

    def __init__(
        self,
        users: Mapping[str, str],
        *,
        sid: str,
        sap_client: str,
        secret: Callable[[], bytes],
        lifetime: int = 1800,
    ) -> None:
        self._users = users
        self._system, self._sap_client = sid, sap_client
        self._secret = secret
        self._lifetime = lifetime
        self._kept: dict[str, _Session] = {}
        self._cookie = f"SAP_SESSIONID_{sid}_{sap_client}"
        self._cookie_value = re.compile(rf"(?:^|;\s*){self._cookie}=([^;]*)")

    def admit(self, request: ODataRequest) -> Admission:
        """Let a request in or raise :class:`NotAdmitted`: 401 with a page, 403 with ``x-csrf-token: Required``."""
        session = self._session(request.headers.get("cookie", ""))
        user = self._user(request, session)
        if user is None:
            raise NotAdmitted(self._unauthorized())
        headers: list[tuple[str, str]] = []
        if session is None or session.user != user:
            fresh = self._new_session(user)
            headers = [
                ("set-cookie", f"sap-usercontext=sap-client={self._sap_client}; path=/"),
                ("set-cookie", f"{self._cookie}={quote(fresh.id, safe='')}; path=/"),
            ]
        else:
            fresh = session
        token = request.headers.get("x-csrf-token", "")
        if request.method in SAFE_METHODS:
            if token.lower() == "fetch":
                headers.append(("x-csrf-token", self._token(fresh.id)))
        elif fresh is not session or not self._token_counts(token, fresh.id):
            raise NotAdmitted(self._forbidden(headers))
        return Admission(user=user, headers=tuple(headers))

    def _user(self, request: ODataRequest, session: _Session | None) -> str | None:
        if self._other_client(request):
            return None
        authorization = request.headers.get("authorization")
        if authorization is None:
            return session.user if session else None
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, _, password = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
        except ValueError:  # neither base64 nor UTF-8
            return None
        expected = self._users.get(name.upper())
        known = expected is not None and hmac.compare_digest(password.encode(), expected.encode())
        return name.upper() if known else None

    def _other_client(self, request: ODataRequest) -> bool:
        wanted = request.headers.get("sap-client")
        if "sap-client" in request.query:
            wanted = parse_qs(request.query).get("sap-client", [wanted or ""])[0]
        return bool(wanted) and wanted != self._sap_client

    def _session(self, cookies: str) -> _Session | None:
        match = self._cookie_value.search(cookies)
        return self._read_session(unquote(match[1].strip('"'))) if match else None

    def _new_session(self, user: str) -> _Session:
        begun = int(clock.now().timestamp())
        content = struct.pack(">I", begun) + identifiers.secret(_NONCE) + user.encode()
        text = _encoded(self._signed(b"session", content) + content)
        return _Session(id=text, user=user, begun=begun, secret=self._secret())

    def _read_session(self, text: str) -> _Session | None:
        session = self._kept.get(text)
        if session is None or session.secret != self._secret():
            session = self._verified(text)
            if session is None:
                return None
            if len(self._kept) >= _SESSIONS_KEPT:
                self._kept.clear()
            self._kept[text] = session
        return session if clock.now().timestamp() - session.begun <= self._lifetime else None

    def _verified(self, text: str) -> _Session | None:
        raw = _decoded(text)
        if raw is None or len(raw) < _SIGNATURE + 4 + _NONCE:
            return None
        signature, content = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._signed(b"session", content)):
            return None
        (begun,) = struct.unpack(">I", content[:4])
        return _Session(id=text, user=content[4 + _NONCE :].decode(), begun=begun, secret=self._secret())

    def _token(self, session_id: str) -> str:
        """24 characters, URL-safe base64 of 16 bytes, as captured."""
        nonce = identifiers.secret(_NONCE)
        return _encoded(nonce + self._signed(nonce, session_id.encode()))

    def _token_counts(self, token: str, session_id: str) -> bool:
        raw = _decoded(token)
        if raw is None or len(raw) != _NONCE + _SIGNATURE:
            return False
        return hmac.compare_digest(raw[_NONCE:], self._signed(raw[:_NONCE], session_id.encode()))

    def _signed(self, purpose: bytes, content: bytes) -> bytes:
        return hmac.new(self._secret(), purpose + content, hashlib.sha256).digest()[:_SIGNATURE]

    def _unauthorized(self) -> ODataResponse:
        realm = f"SAP NetWeaver Application Server [{self._system}/{self._sap_client}]"
        return ODataResponse(
            status=401,
            headers=(
                ("set-cookie", f"sap-usercontext=sap-client={self._sap_client}; path=/"),
                ("content-type", "text/html; charset=utf-8"),
                ("sap-system", self._system),
                ("sap-authenticated", "false"),
                ("www-authenticate", f'Basic realm="{realm}"'),
            ),
            body=logon_page(self._system, self._sap_client),
        )

    def _forbidden(self, cookies: list[tuple[str, str]]) -> ODataResponse:
        kind = ("content-type", "text/plain; charset=utf-8")
        return ODataResponse(status=403, headers=(*cookies, kind, ("x-csrf-token", "Required")), body=TOKEN_REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    id: str
    user: str
    begun: int
    secret: bytes


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def _decoded(text: str) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(text)
    except ValueError:
        return None
