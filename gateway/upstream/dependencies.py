"""Dependencies that all offices share."""

from dataclasses import dataclass

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.shared.contract import Shared
from gateway.upstream.layers.observation import Observer
from gateway.upstream.settings import UpstreamSettings


@dataclass(frozen=True, slots=True)
class UpstreamDependencies:
    """Shared by all offices of this process. `read_only`: no file in an agency's folder is moved."""

    shared: Shared
    clock: Clock
    settings: UpstreamSettings
    sealer: Sealer
    observer: Observer
    read_only: bool = False
