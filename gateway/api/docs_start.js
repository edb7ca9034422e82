// Starts Swagger UI. Users sign in with the web session of this origin: no token is entered or stored here.
"use strict";

(() => {
  const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
  // Requests with a cookie that change something need this header: see gateway/authentication/same_origin.py.
  const MARK = { "Gerbang-Request": "docs" };
  const CHANGED = "gerbang-session";

  const notifyChanged = (required) => dispatchEvent(new CustomEvent(CHANGED, { detail: required }));

  function signIn(required) {
    const query = new URLSearchParams({ ...required, return_to: location.pathname + location.hash });
    location.assign(`/auth/login?${query}`);
  }

  async function signOut() {
    await fetch("/auth/logout", { method: "POST", headers: MARK });
    notifyChanged({});
  }

  async function session() {
    const answer = await fetch("/auth/session", { headers: { Accept: "application/json" } });
    return answer.ok ? answer.json() : { signed_in: false };
  }

  // The acr and max_age that the challenge of an answer requires (RFC 9470).
  function requiredSignIn(challenge) {
    const parameter = (name) => new RegExp(`${name}="(\\d+)"`).exec(challenge)?.[1];
    const [acr, max_age] = [parameter("acr_values"), parameter("max_age")];
    return { ...(acr && { acr }), ...(max_age && { max_age }) };
  }

  // Replaces the button that opens the dialog for tokens and client ids.
  function signInPlugin({ React: { createElement: h, useEffect, useState } }) {
    function Session() {
      const [current, setCurrent] = useState(null);
      const [required, setRequired] = useState({});
      useEffect(() => {
        const refresh = (event) => {
          setRequired(event?.detail ?? {});
          session().then(setCurrent, () => setCurrent({ signed_in: false }));
        };
        refresh();
        addEventListener(CHANGED, refresh);
        return () => removeEventListener(CHANGED, refresh);
      }, []);
      const button = (state, text, onClick) =>
        h("button", { type: "button", className: `btn authorize ${state}`, onClick }, h("span", null, text));
      if (current === null) return h("div", { className: "auth-wrapper" });
      if (!current.signed_in) {
        return h("div", { className: "auth-wrapper" }, button("unlocked", "Masuk · Sign in", () => signIn(required)));
      }
      const needsMore = Object.keys(required).length > 0;
      return h(
        "div",
        { className: "auth-wrapper" },
        h("span", { className: "signed-in" }, current.name),
        needsMore && button("unlocked", "Masuk lagi, lebih kuat · Sign in again, stronger", () => signIn(required)),
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
      if (response.status === 401) notifyChanged(requiredSignIn(response.headers?.["www-authenticate"] ?? ""));
      return response;
    },
  });
})();
