"""Response of pages that check an input: the page again with an error message, or with the time to wait."""

from collections.abc import Collection, Mapping

from starlette.responses import Response

from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.html.texts import TEXTS
from gateway.oidc.interaction.forms import PageRequest, render_page


async def render_attempt(
    deps: ProviderDependencies,
    page: PageRequest,
    name: str,
    values: Mapping[str, object],
    *,
    path: str,
    trouble: str | float = "",
    allow: Collection[str] = (),
) -> Response:
    """Render the page `name` as `render_page` does, with an alert if there is `trouble`.

    `trouble` is the text key of the error message, or the number of seconds until the next attempt (429).
    """
    texts = TEXTS[page.language]
    if isinstance(trouble, float):
        alert = texts["login_wait"].format(minutes=int(trouble / 60) + 1)
        response = await render_page(deps, page, name, {**values, "alert": alert}, status=429, allow=allow, path=path)
        response.headers["Retry-After"] = str(int(trouble) + 1)
        return response
    with_alert = {**values, "alert": texts[trouble] if trouble else ""}
    return await render_page(deps, page, name, with_alert, status=400 if trouble else 200, allow=allow, path=path)
