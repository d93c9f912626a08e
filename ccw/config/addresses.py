"""Which machine a host name stands for, however its address is spelled: loopback, metadata."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

# where clouds hand out a machine's credentials; link-local addresses are refused as such
_METADATA_NAMES = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data"}
    | {"instance-data.ec2.internal", "metadata.azure.internal", "metadata.platformequinix.com"}
    | {"metadata.tencentyun.com", "metadata.packet.net", "metadata.oraclecloud.com"}
)
_METADATA_NETWORKS = (
    "169.254.0.0/16",  # link-local: AWS, Azure, Google, Oracle, DigitalOcean, ...
    "100.100.100.200/32",  # Alibaba
    "168.63.129.16/32",  # Azure's wire server
    "192.0.0.192/32",  # Oracle
    "fe80::/10",
    "fd00:ec2::/32",  # AWS
    "fd20:ce::/32",  # Google
    "fd00:c1::/32",  # Oracle
)
_NAT64 = "64:ff9b::/96"
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")  # what IDNA takes for a dot
_NUMERIC_END = re.compile(r"(?:^|\.)(?:0x[0-9a-f]*|[0-9]+)$")


def canonical_host(host: str) -> str:
    """Return *host* in lower case, without brackets and trailing dots, wide letters made plain."""
    plain = unicodedata.normalize("NFKC", host.translate(_DOTS)).translate(_DOTS)
    return plain.lower().strip("[]").rstrip(".")


def usual_form(host: str) -> str:
    """Return *host*, an IPv4 address as four decimal numbers however it is spelled."""
    address = None if ":" in host else _address(host)
    return host if address is None else str(address)


def is_loopback(host: str) -> bool:
    """Tell whether *host* is this machine's own, inside alone; 0.0.0.0 and :: are not.

    Decimal, octal, hexadecimal and short forms count for what they mean.
    """
    name = canonical_host(host)
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    if address is None:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


@lru_cache(maxsize=256)
def is_metadata(host: str) -> bool:
    """Tell whether *host* is link-local or a cloud's metadata service: no model is served there."""
    name = canonical_host(host)
    if name in _METADATA_NAMES or name.endswith(".metadata.google.internal"):
        return True
    address = _address(name)
    return address is not None and any(map(_in_metadata, (address, *_embedded(address))))


def _address(name: str) -> IPv4Address | IPv6Address | None:
    """Return the address that *name* spells, None for a name that has to be looked up."""
    if ":" not in name and not _NUMERIC_END.search(name):
        return None  # most are names: ipaddress and socket need not be loaded
    from ipaddress import IPv4Address, IPv6Address

    try:
        if ":" in name:
            return IPv6Address(name.partition("%")[0])
        return IPv4Address(_inet_aton(name))
    except (OSError, ValueError):
        return None


def _inet_aton(name: str) -> bytes:
    """Read an IPv4 address as the C library does: 0x7f.1, 017700000001, 2130706433."""
    from socket import inet_aton

    return inet_aton(name)


def _embedded(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address carries: mapped, 6to4, NAT64, compatible."""
    from ipaddress import IPv4Address, IPv6Address, IPv6Network

    if not isinstance(address, IPv6Address):
        return []
    low = IPv4Address(int(address) & 0xFFFFFFFF)
    carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in IPv6Network(_NAT64) or int(address) >> 32 == 0:
        carried.append(low)
    return [found for found in carried if found is not None]


def _in_metadata(address: IPv4Address | IPv6Address) -> bool:
    from ipaddress import ip_network

    return any(address in ip_network(network) for network in _METADATA_NETWORKS)
