// An OpenID provider by oidc-provider, strict where it can be: every client pushes its request, authenticates by
// private_key_jwt with ES512, and binds its codes and tokens to a key whose proofs carry a nonce.
//
// Arguments, as one JSON text: port, redirectUri, jwksUri, logoutUri. Prints its issuer once it listens.
// Its one page asks for an account name and a NIK and believes both; `strong` gives the sign-in a second factor.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";
import { exportJWK, generateKeyPair } from "jose";

const { port, redirectUri, jwksUri, logoutUri } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const niks = new Map();

const keys = [];
for (const alg of ["ES256", "PS256"]) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  keys.push({ ...(await exportJWK(privateKey)), alg, use: "sig", kid: alg });
}

const provider = new Provider(issuer, {
  jwks: { keys },
  cookies: { keys: [randomBytes(16).toString("hex")] },
  clients: [
    {
      client_id: "gerbang",
      redirect_uris: [redirectUri],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "ES512",
      id_token_signed_response_alg: "ES256",
      jwks_uri: jwksUri,
      dpop_bound_access_tokens: true,
      backchannel_logout_uri: logoutUri,
      backchannel_logout_session_required: true,
    },
  ],
  enabledJWA: { clientAuthSigningAlgValues: ["ES512"], idTokenSigningAlgValues: ["ES256", "PS256"] },
  acrValues: ["urn:kota:satu", "urn:kota:dua"],
  claims: { openid: ["sub", "acr", "amr"], profile: ["name", "nik"], auth_time: null, sid: null },
  conformIdTokenClaims: false,
  findAccount: (_, accountId) => ({
    accountId,
    claims: () => ({ sub: accountId, name: `Galuh ${accountId}`, ...(niks.has(accountId) && { nik: niks.get(accountId) }) }),
  }),
  features: {
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = form;
      },
    },
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  ttl: { Interaction: 600, Session: 3600, Grant: 3600, AccessToken: 600, IdToken: 600 },
  // Without its guard against addresses of this machine, where the gateway under test listens.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
});

const PAGE = `<!doctype html><title>Sign in</title><form method="post"><input name="account"><input name="nik"><input name="strong"></form>`;

async function interact(request, response) {
  const details = await provider.interactionDetails(request, response);
  if (details.prompt.name === "consent") {
    const { clientId, session } = { clientId: details.params.client_id, session: details.session };
    const grant = new provider.Grant({ accountId: session.accountId, clientId });
    grant.addOIDCScope(details.params.scope);
    return provider.interactionFinished(
      request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
  }
  if (request.method !== "POST") {
    return response.setHeader("content-type", "text/html").end(PAGE);
  }
  let body = "";
  for await (const part of request) body += part;
  const form = new URLSearchParams(body);
  if (form.get("account") === "nobody") {
    return provider.interactionFinished(request, response, { error: "access_denied" });
  }
  if (form.get("nik")) niks.set(form.get("account"), form.get("nik"));
  const strong = Boolean(form.get("strong"));
  const login = {
    accountId: form.get("account"),
    acr: strong ? "urn:kota:dua" : "urn:kota:satu",
    amr: strong ? ["pwd", "otp"] : ["pwd"],
  };
  return provider.interactionFinished(request, response, { login });
}

const answer = provider.callback();
createServer((request, response) => {
  const work = request.url.startsWith("/interaction/") ? interact(request, response) : answer(request, response);
  Promise.resolve(work).catch((error) => response.writeHead(500).end(String(error)));
}).listen(port, "127.0.0.1", () => console.log(issuer));
