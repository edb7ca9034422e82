"""What every office is built with."""

from dataclasses import dataclass

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.shared.contract import Shared
from gateway.upstream.layers.observation import Observer
from gateway.upstream.settings import UpstreamSettings


@dataclass(frozen=True, slots=True)
class UpstreamDependencies:
    """The same for all offices of this process. `looks_only`: nothing of an agency's folder is moved."""

    shared: Shared
    clock: Clock
    settings: UpstreamSettings
    sealer: Sealer
    observer: Observer
    looks_only: bool = False
