"""The CSRF token of one session: where it is fetched, what its refusal looks like, what a failed fetch means.

Fetched on the service root with its trailing slash (without it S/4HANA redirects), by HEAD and then by GET. The token
is worth nothing without the session's cookies. Sources: SAP Help "Cross-Site Request Forgery Protection"; KBA 3048103.
"""

from pipeline.model.stops import LogOnRefused, Misconfigured, Unavailable
from pipeline.odata_client.answer import Answer, NoAnswer
from pipeline.odata_client.answers import LOG_ON

HEADER = "X-CSRF-Token"
FETCH = "Fetch"
METHODS = ("HEAD", "GET")


def token_in(answer: Answer | NoAnswer) -> str | None:
    """The token an answer brings, whatever its status.

    Even an error answer to a fetch may carry one, a 401 never does.
    """
    if isinstance(answer, NoAnswer) or answer.status == 401:
        return None
    token = answer.headers.get("x-csrf-token", "").strip()
    return token if token and token.lower() not in {"required", "fetch"} else None


def failed_fetch(answer: Answer | NoAnswer, *, root: str) -> Misconfigured | Unavailable:
    """Why no token came, as the exception to raise: whose turn it is to do something."""
    if isinstance(answer, NoAnswer):
        return Unavailable(
            f"SAP does not answer at {root}: {answer.why}. Check B2S_SAP_URL and the network, then repeat"
        )
    if answer.status in {429, 503} or answer.status >= 500:
        return Unavailable(f"SAP is not available at {root} ({answer.status}): repeat later")
    return LogOnRefused(LOG_ON) if answer.status == 401 else Misconfigured(_sentence(answer, root))


def _sentence(answer: Answer, root: str) -> str:
    said = f": {answer.error.message}" if answer.error else ""
    sentences = {
        403: f"SAP forbids {root} (403{said}): check that the service is registered and the user may call it",
        407: "the proxy on the way to SAP wants a log-on (407): check B2S_SAP_PROXY_URL",
        404: f"there is no OData service at {root} (404): check B2S_SAP_URL, which ends with the port",
    }
    if 300 <= answer.status < 400:
        return f"{root} redirects ({answer.status}): set B2S_SAP_URL to the final address"
    return sentences.get(
        answer.status, f"{root} answers {answer.status} without a CSRF token: is it an SAP Gateway? Check B2S_SAP_URL"
    )
