"""Pages at which somebody tries something: shown again with what was wrong, or for how long they must wait."""

from collections.abc import Collection, Mapping

from starlette.responses import Response

from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.html.texts import TEXTS
from gateway.oidc.interaction.forms import PageRequest, sheet


async def tried(
    parts: ProviderDependencies,
    asked: PageRequest,
    name: str,
    values: Mapping[str, object],
    *,
    path: str,
    trouble: str | float = "",
    allow: Collection[str] = (),
) -> Response:
    """The page `name`, as `sheet` gives it, with an alert where there is `trouble`.

    That is the key of the sentence why the try came to nothing, or how many seconds lie before the next one.
    """
    texts = TEXTS[asked.language]
    if isinstance(trouble, float):
        alert = texts["login_wait"].format(minutes=int(trouble / 60) + 1)
        response = await sheet(parts, asked, name, {**values, "alert": alert}, status=429, allow=allow, path=path)
        response.headers["Retry-After"] = str(int(trouble) + 1)
        return response
    shown = {**values, "alert": texts[trouble] if trouble else ""}
    return await sheet(parts, asked, name, shown, status=400 if trouble else 200, allow=allow, path=path)
