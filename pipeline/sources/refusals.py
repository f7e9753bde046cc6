"""What a vendor's refusal means for the run: whose turn it is, in one sentence, without the secret."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.model.http_dates import retry_after
from pipeline.model.record import plain
from pipeline.model.stops import Misconfigured, Unavailable
from pipeline.sources.http import NoReply, Reply

_LONGEST_TEXT = 200


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """How a source is called, which setting holds its address, what its statuses mean, what must never be shown."""

    name: str
    setting: str
    meanings: Mapping[int, str]
    secrets: tuple[str, ...]

    def silence(self, reply: NoReply, base_url: str) -> Unavailable:
        """No answer came."""
        return Unavailable(f"{self.name} does not answer at {base_url}: {reply.why}. Check {self.setting}, then repeat")

    def stop(self, reply: Reply, said: str, now: int) -> Misconfigured | Unavailable:
        """An answer other than the wanted one; `said` are the vendor's own words."""
        tail = f": {self.without_secrets(said)}" if said else ""
        if reply.status in self.meanings:
            return Misconfigured(f"{self.name}: {self.meanings[reply.status]} ({reply.status}{tail})")
        if reply.status == 429:
            return self.throttled(reply, said, now)
        if reply.status >= 500:
            return Unavailable(f"{self.name} is not available ({reply.status}{tail}). Repeat later")
        if 300 <= reply.status < 400:
            return Misconfigured(
                f"{self.name} redirects ({reply.status}). Set {self.setting} to the final address, with https"
            )
        return Misconfigured(f"{self.name} answers {reply.status}{tail}. Check {self.setting}")

    def throttled(self, reply: Reply, said: str, now: int) -> Unavailable:
        """Too many requests, and the wait that is asked for is longer than we wait."""
        wait = retry_after(reply.headers.get("retry-after"), now)
        when = f"in {-(-wait // 1000)} seconds" if wait else "in some minutes"
        tail = f": {self.without_secrets(said)}" if said else ""
        return Unavailable(f"{self.name}: too many requests ({reply.status}{tail}). Repeat {when}")

    def without_secrets(self, text: str) -> str:
        """The vendor's words on one short line, every secret taken out."""
        for secret in self.secrets:
            text = text.replace(secret, "***") if secret else text
        return plain(" ".join(text.split())[:_LONGEST_TEXT])
