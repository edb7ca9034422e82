"""Status of the systems behind the gateway: agency, quality level, circuits, age of snapshots."""

from datetime import datetime

from fastapi import Request

from gateway.api.answers import Answer, public_answer, reference_answer
from gateway.api.callers import api_router
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDependencies, ApiDeps
from gateway.api.lists import NO_PARAMETERS
from gateway.api.openapi.models import list_model
from gateway.api.openapi.operations import PUBLIC, answers
from gateway.api.problems.errors import ProblemError
from gateway.registry.offices import Office
from gateway.registry.registry import FailedSystem, LiveSystem
from schemas.system import CircuitState, OfficeStatus, SnapshotStatus, System, SystemState
from schemas.texts import Text

router = api_router(prefix="/v1/systems", tags=["systems"])


@router.get(
    "",
    operation_id="listSystems",
    summary="Daftar sistem · List systems",
    description=(
        "Sistem di balik gerbang: pemilik, tingkat mutu, keadaan, umur salinan.\n\n"
        "Systems behind the gateway: agency, quality level, status, age of their snapshots."
    ),
    responses=answers(lambda: list_model("System", System)),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def list_systems(request: Request, deps: ApiDeps, context: ContextDep) -> Answer:
    """Return all systems, including those whose adapter could not be loaded."""
    return reference_answer(request, all_systems(deps), language=context.language, max_age=2, edition=None)


@router.get(
    "/{system_id}",
    operation_id="getSystem",
    summary="Satu sistem · One system",
    description="Keadaan satu sistem.\n\nThe status of one system.",
    responses=answers(System, "not-found"),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_system(request: Request, deps: ApiDeps, context: ContextDep, system_id: str) -> Answer:
    """Return one system, live or failed."""
    live, failed = deps.registry.get(system_id), deps.registry.failed.get(system_id)
    if live is not None:
        system = _system(deps, live)
    elif failed is not None:
        system = _failed(failed)
    else:
        raise ProblemError("not-found")
    content = system.model_dump_json(context={"language": context.language}).encode()
    return public_answer(request, content, max_age=2, language=context.language)


def all_systems(deps: ApiDependencies) -> list[System]:
    """Return live systems and those whose adapter could not be loaded, sorted by id."""
    live = (_system(deps, live) for live in deps.registry)
    failed = (_failed(system) for system in deps.registry.failed.values())
    return sorted((*live, *failed), key=lambda system: system.id)


def _system(deps: ApiDependencies, live: LiveSystem) -> System:
    level = deps.levels.of(live.spec.id, live.digest)
    return System(
        id=live.spec.id,
        name=live.spec.title,
        agency=deps.agencies[live.spec.agency].reference(),
        adapter_version=live.spec.version,
        assumed=live.spec.assumed,
        resources=tuple(sorted({row.resource.name for row in live.spec.reads})),
        level=level.level if level else None,
        level_at=level.at if level else None,
        level_state=level.state if level else None,
        unproven=live.unproven,
        drift=len(deps.drift_detector.open(live.spec.id)),
        offices=tuple(_office(deps, live, office) for office in live.offices),
    )


def _failed(failed: FailedSystem) -> System:
    """Describe a system whose adapter could not be loaded; its id serves as its name."""
    return System(
        id=failed.id,
        name=Text(id=failed.id, en=failed.id),
        state=SystemState.FAILED,
        reason=failed.reason,
        agency=None,
        adapter_version=None,
        assumed=True,
        resources=(),
        offices=(),
    )


def _office(deps: ApiDependencies, live: LiveSystem, office: Office) -> OfficeStatus:
    status = deps.upstreams.status(live.spec.id, office.id)
    now = deps.clock()
    return OfficeStatus(
        id=office.id,
        name=office.title,
        circuit=CircuitState(status.circuit.value),
        last_success_at=status.succeeded_at,
        last_cause=status.cause if _failing(status.failed_at, status.succeeded_at) else None,
        retry_at=status.retry_at,
        snapshots=tuple(
            SnapshotStatus(
                resource=entry.key.resource,
                state=entry.state(now),
                fetched_at=entry.fetched_at(now),
                as_of=entry.snapshot.as_of if entry.snapshot else None,
                records=entry.snapshot.count if entry.snapshot else None,
                set_aside=entry.snapshot.set_aside if entry.snapshot else None,
                cause=entry.cause(now),
            )
            for entry in deps.snapshots.of_office(live.spec.id, office.id)
        ),
    )


def _failing(failed_at: datetime | None, succeeded_at: datetime | None) -> bool:
    return failed_at is not None and (succeeded_at is None or failed_at > succeeded_at)
