"""Who stands in for whom, by the settings of a proxy."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from ccw.config.models import CustomEndpoint
from ccw.exports.proxy_file import ProxyFile
from ccw.exports.proxy_providers import valid_id


class Fallbacks:
    """Gives endpoints the fallbacks of a file; *ids* leads from a model_name to an endpoint's id.

    *kept* are the ids of endpoints that an export of ccw wrote. Targets that the file does not
    have are in `notes`.
    """

    def __init__(self, proxy: ProxyFile, ids: Mapping[str, str], kept: Container[str]) -> None:
        self._names = {endpoint_id: name for name, endpoint_id in ids.items()}
        self._ids = {**{name: valid_id(name) for name in proxy.names}, **ids}
        self._given = {
            name: targets for one in proxy.settings.fallbacks for name, targets in one.items()
        }
        self._default = [*self._given.pop("*", []), *proxy.settings.default_fallbacks]
        self._kept = kept
        self.notes: list[str] = []

    def applied(self, endpoint: CustomEndpoint) -> CustomEndpoint:
        """Return *endpoint* with the fallbacks that the file gives it."""
        if endpoint.id in self._kept:
            return self._restored(endpoint)
        name = self._names.get(endpoint.id)
        if name is None:  # a further model of one name
            return endpoint
        targets = self._targets(name, self._given.get(name, self._default))
        return _with(endpoint, (*endpoint.fallbacks, *targets))

    def _restored(self, endpoint: CustomEndpoint) -> CustomEndpoint:
        """An endpoint's own list holds also what an export leaves out; an edited file wins."""
        given = self._given.get(endpoint.id, [])
        exported = [name for name in endpoint.fallbacks if name in self._ids]
        if endpoint.id not in self._ids or given == exported:
            return _with(endpoint, endpoint.fallbacks)
        return _with(endpoint, self._targets(endpoint.id, given))

    def _targets(self, name: str, targets: Iterable[str]) -> list[str]:
        found = {target: self._ids.get(target) for target in targets}
        missing = [target for target, there in found.items() if there is None]
        if missing:
            self.notes.append(f"{name}: its fallbacks {', '.join(missing)} are not in model_list")
        return [there for there in found.values() if there is not None]


def _with(endpoint: CustomEndpoint, fallbacks: Iterable[str]) -> CustomEndpoint:
    wanted = tuple(dict.fromkeys(name for name in fallbacks if name != endpoint.id))
    if wanted == endpoint.fallbacks:
        return endpoint
    return endpoint.model_copy(update={"fallbacks": wanted})
