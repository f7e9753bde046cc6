"""Where and as whom we talk to SAP, and how long we are ready to wait. A value; nothing here opens a connection."""

from dataclasses import dataclass, field

from pipeline.network import Network


@dataclass(frozen=True, kw_only=True)
class Target:
    """One OData service of one SAP system. Times are milliseconds; the password never shows in a repr."""

    base_url: str
    service: str
    user: str
    password: str = field(repr=False)
    sap_client: str = ""
    network: Network = field(default_factory=Network)
    connect_timeout: int = 5_000
    read_timeout: int = 30_000
    deadline: int = 120_000
    body_cap: int = 64_000_000
    idle: int = 15_000
    renew_within: int = 20_000

    @property
    def root(self) -> str:
        """The service root, with the slash without which S/4HANA redirects."""
        return f"{self.base_url.rstrip('/')}/sap/opu/odata/sap/{self.service}/"
