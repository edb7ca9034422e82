"""nginx as a server to compare with: as a proxy with a cache, and with Lua."""

import getpass
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

PROGRAMS: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where the programs of peers are looked for."""
_HERE: Final = Path(__file__).parent
_LUA_MODULES: Final = ("ndk_http_module.so", "ngx_http_lua_module.so")
_MODULE_FOLDERS: Final = (Path("/usr/lib/nginx/modules"), Path("/usr/lib64/nginx/modules"))
_LUA_LOCATIONS: Final = """
        location = /one { content_by_lua_block { require("normalise").answer("/up/applications") } }
        location = /three {
            content_by_lua_block {
                require("normalise").answer("/up/applications", "/up/complaints", "/up/proposals")
            }
        }
"""


def _nginx() -> str | None:
    return shutil.which("nginx", path=PROGRAMS)


def nginx_missing() -> str:
    """Why nginx cannot run here, or an empty text."""
    return "" if _nginx() else "nginx is not installed (Debian: nginx-light)"


def _lua_folder() -> Path | None:
    return next((one for one in _MODULE_FOLDERS if all((one / name).is_file() for name in _LUA_MODULES)), None)


def lua_missing() -> str:
    """Why nginx with Lua cannot run here, or an empty text."""
    if nginx_missing():
        return nginx_missing()
    if _lua_folder() is None:
        return "the Lua module of nginx is not installed (Debian: libnginx-mod-http-lua)"
    if not any(Path("/usr/lib").glob("**/lua/5.1/cjson.so")):
        return "the JSON library of Lua is not installed (Debian: lua-cjson)"
    return ""


def nginx_command(*, lua: bool) -> Callable[[Path, Path, int], Sequence[str | Path]]:
    """Return what writes the configuration of nginx, and returns the command that serves with it."""

    def command(folder: Path, configuration: Path, port: int) -> Sequence[str | Path]:
        systems = json.loads(configuration.read_text("utf-8"))
        modules = [f"load_module {_lua_folder()}/{name};" for name in _LUA_MODULES] if lua else []
        filled = {
            "modules": "\n".join(modules),
            "folder": str(folder),
            "port": str(port),
            "origin": str(systems["origin"]),
            "complaints_token": systems["complaints_token"],
            "proposals_token": systems["proposals_token"],
            "lua_path": f'lua_package_path "{_HERE}/?.lua;;";' if lua else "",
            "lua_locations": _LUA_LOCATIONS if lua else "",
            "user": getpass.getuser(),
            **{name: systems[f"{name}_url"].split("/")[2] for name in ("applications", "complaints", "proposals")},
        }
        text = (_HERE / "nginx.conf.in").read_text("utf-8")
        for name, value in filled.items():
            text = text.replace(f"@{name}@", value)
        (folder / "nginx.conf").write_text(text, "utf-8")
        (folder / "pages").mkdir()
        includes = [f'<!--# include virtual="/up/{name}" -->' for name in ("applications", "complaints", "proposals")]
        (folder / "pages" / "joined.html").write_text("\n".join(includes), "utf-8")
        return [_nginx() or "nginx", "-p", folder, "-c", folder / "nginx.conf"]

    return command
