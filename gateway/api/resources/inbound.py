"""Inbound webhooks: systems push changes here, each with its own paths and payloads.

Not part of the OpenAPI document: each system uses its own interface and gets answers in its own format.
"""

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from gateway.api.dependencies import ApiDependencies, ApiDeps
from gateway.api.problems.errors import ProblemError
from gateway.api.request_body import BodyTooLargeError, BodyTooSlowError
from gateway.snapshots.inbound import InboundWebhook, WebhookAnswer

router = APIRouter(prefix="/v1/inbound", include_in_schema=False)


@router.post("/{system_id}/{path:path}")
async def push(request: Request, deps: ApiDeps, system_id: str, path: str) -> Response:
    """Receive one push of a system."""
    webhook = deps.webhooks.at(system_id, path)
    if webhook is None:
        raise ProblemError("not-found")
    answer = await _receive(request, deps, webhook)
    headers = {"Cache-Control": "no-store", "Content-Type": answer.media_type}
    return Response(answer.content, answer.status, headers)


async def _receive(request: Request, deps: ApiDependencies, webhook: InboundWebhook) -> WebhookAnswer:
    try:
        content = await request.body()
    except BodyTooLargeError:
        return deps.webhooks.too_large(webhook)
    except (ClientDisconnect, BodyTooSlowError):
        return deps.webhooks.interrupted(webhook)
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return await deps.webhooks.receive(webhook, headers, content)
