// Starts Swagger UI. People sign in with the web session of this very origin: no token is pasted, and none is kept here.
"use strict";

(() => {
  const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
  // What changes something by a cookie must carry this header: see gateway/sso/own_pages.py.
  const MARK = { "Gerbang-Request": "docs" };
  const CHANGED = "gerbang-session";

  const changed = (wanted) => dispatchEvent(new CustomEvent(CHANGED, { detail: wanted }));

  function signIn(wanted) {
    const query = new URLSearchParams({ ...wanted, return_to: location.pathname + location.hash });
    location.assign(`/auth/login?${query}`);
  }

  async function signOut() {
    await fetch("/auth/logout", { method: "POST", headers: MARK });
    changed({});
  }

  async function session() {
    const answer = await fetch("/auth/session", { headers: { Accept: "application/json" } });
    return answer.ok ? answer.json() : { signed_in: false };
  }

  // How much stronger or more recent a sign-in the answer asks for (RFC 9470).
  function demanded(challenge) {
    const named = (name) => new RegExp(`${name}="(\\d+)"`).exec(challenge)?.[1];
    const [acr, max_age] = [named("acr_values"), named("max_age")];
    return { ...(acr && { acr }), ...(max_age && { max_age }) };
  }

  // Takes the place of the button that would open a dialog for tokens and client ids.
  function signInPlugin({ React: { createElement: h, useEffect, useState } }) {
    function Session() {
      const [known, know] = useState(null);
      const [wanted, want] = useState({});
      useEffect(() => {
        const look = (event) => {
          want(event?.detail ?? {});
          session().then(know, () => know({ signed_in: false }));
        };
        look();
        addEventListener(CHANGED, look);
        return () => removeEventListener(CHANGED, look);
      }, []);
      const button = (state, text, onClick) =>
        h("button", { type: "button", className: `btn authorize ${state}`, onClick }, h("span", null, text));
      if (known === null) return h("div", { className: "auth-wrapper" });
      if (!known.signed_in) {
        return h("div", { className: "auth-wrapper" }, button("unlocked", "Masuk · Sign in", () => signIn(wanted)));
      }
      const more = Object.keys(wanted).length > 0;
      return h(
        "div",
        { className: "auth-wrapper" },
        h("span", { className: "signed-in" }, known.name),
        more && button("unlocked", "Masuk lagi, lebih kuat · Sign in again, stronger", () => signIn(wanted)),
        button("locked", "Keluar · Sign out", signOut),
      );
    }
    return { components: { AuthorizeBtnContainer: Session, authorizeOperationBtn: () => null } };
  }

  SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#api",
    deepLinking: true,
    validatorUrl: null,
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [signInPlugin],
    layout: "BaseLayout",
    requestInterceptor: (request) => {
      if (!SAFE.has((request.method ?? "GET").toUpperCase())) Object.assign(request.headers, MARK);
      return request;
    },
    responseInterceptor: (response) => {
      if (response.status === 401) changed(demanded(response.headers?.["www-authenticate"] ?? ""));
      return response;
    },
  });
})();
