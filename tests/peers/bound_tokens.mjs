// openid-client against our provider: pushed requests, proofs of possession, refresh, exchange, a device, and logout.
//
// Arguments, as one JSON text: issuer, account, password, partner (id, key, redirectUri, audience). Ends with an error when
// anything is not as the client expects; prints what it has done.
import assert from "node:assert/strict";
import * as oidc from "openid-client";

const { issuer, account, password, partner } = JSON.parse(process.argv[2]);
const REDIRECT = "http://127.0.0.1:49152/callback";
const SIGNED_OUT = "http://127.0.0.1:49152/signed-out";
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const done = [];

/** A browser without JavaScript: keeps cookies, fills in our forms, and stops where it would leave us. */
class Browser {
  cookies = new Map();

  async open(address, form) {
    let url = new URL(address, issuer);
    let body = form && new URLSearchParams(form);
    for (;;) {
      if (url.origin !== new URL(issuer).origin) return { left: url };
      const cookie = [...this.cookies].map((pair) => pair.join("=")).join("; ");
      const headers = { cookie, "accept-language": "en", ...(body && { origin: new URL(issuer).origin }) };
      const answer = await fetch(url, { method: body ? "POST" : "GET", body, headers, redirect: "manual" });
      for (const set of answer.headers.getSetCookie()) {
        const [name, value] = set.split(";")[0].split("=");
        this.cookies.set(name, value);
      }
      if (answer.status !== 303) return { page: await answer.text(), status: answer.status };
      [url, body] = [new URL(answer.headers.get("location"), url), undefined];
    }
  }

  submit(page, filled) {
    const form = page.match(/<form method="post" action="([^"]+)"[^]*?<\/form>/);
    const hidden = [...form[0].matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    return this.open(form[1], { ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])), ...filled });
  }

  async signIn(address) {
    let at = await this.open(address);
    if (at.page?.includes('name="password"')) at = await this.submit(at.page, { username: account, password });
    if (at.page?.includes('value="allow"')) at = await this.submit(at.page, { decision: "allow" });
    return at;
  }
}

async function discovered(id, authentication) {
  return oidc.discovery(new URL(issuer), id, undefined, authentication, { execute: [oidc.allowInsecureRequests] });
}

async function signedIn(provider, redirect_uri, scope, DPoP) {
  const [pkceCodeVerifier, expectedState, expectedNonce] = [
    oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce(),
  ];
  const asked = {
    redirect_uri, scope, state: expectedState, nonce: expectedNonce, code_challenge_method: "S256",
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
  };
  const browser = new Browser();
  const { left } = await browser.signIn(await oidc.buildAuthorizationUrlWithPAR(provider, asked, { DPoP }));
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  return { browser, tokens: await oidc.authorizationCodeGrant(provider, left, checks, undefined, { DPoP }) };
}

async function refused(promise, error) {
  await assert.rejects(promise, (said) => said.error === error || assert.fail(`${said.error}: ${said.message}`));
}

// An app on a telephone: everything is bound to its key.
const mobile = await discovered("gerbang-mobile", oidc.None());
const DPoP = oidc.getDPoPHandle(mobile, await oidc.randomDPoPKeyPair("ES256"));
const { browser, tokens } = await signedIn(mobile, REDIRECT, "openid profile.read", DPoP);
assert.equal(tokens.token_type, "dpop");
const subject = tokens.claims().sub;
assert.deepEqual((await oidc.fetchUserInfo(mobile, tokens.access_token, subject, { DPoP })).roles, ["resident"]);
done.push("code + PKCE + nonce + PAR + DPoP");

const stolen = await fetch(`${issuer}/oauth2/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
assert.equal(stolen.status, 401);
assert.match(stolen.headers.get("www-authenticate"), /^DPoP .*error="invalid_token"/);
done.push("a stolen token is refused");

const next = await oidc.refreshTokenGrant(mobile, tokens.refresh_token, undefined, { DPoP });
await refused(oidc.refreshTokenGrant(mobile, next.refresh_token), "invalid_grant");
const last = await oidc.refreshTokenGrant(mobile, next.refresh_token, undefined, { DPoP });
await refused(oidc.refreshTokenGrant(mobile, next.refresh_token, undefined, { DPoP }), "invalid_grant");
await refused(oidc.refreshTokenGrant(mobile, last.refresh_token, undefined, { DPoP }), "invalid_grant");
done.push("refresh with rotation; reuse ends the family");

const logout = { id_token_hint: tokens.id_token, post_logout_redirect_uri: SIGNED_OUT, state: "s" };
const { left } = await browser.open(oidc.buildEndSessionUrl(mobile, logout));
assert.equal(left.href, `${SIGNED_OUT}?state=s`);
done.push("logout");

// A partner with a P-521 key, which exchanges the resident's token for one for an agency's API.
const curve = { name: "ECDSA", namedCurve: "P-521" };
const key = await crypto.subtle.importKey("jwk", partner.key, curve, false, ["sign"]);
const portal = await discovered(partner.id, oidc.PrivateKeyJwt({ key, kid: partner.key.kid }));
const other = oidc.getDPoPHandle(portal, await oidc.randomDPoPKeyPair("Ed25519"));
const resident = (await signedIn(portal, partner.redirectUri, "openid profile.read", other)).tokens;
const wanted = {
  audience: partner.audience, scope: "profile.read",
  subject_token: resident.access_token, subject_token_type: ACCESS_TOKEN,
};
const exchanged = await oidc.genericGrantRequest(portal, EXCHANGE, wanted, { DPoP: other });
assert.equal(exchanged.issued_token_type, ACCESS_TOKEN);
assert.equal(exchanged.refresh_token, undefined);
await refused(oidc.genericGrantRequest(portal, EXCHANGE, wanted, { DPoP }), "invalid_grant");
done.push("private_key_jwt ES512 + PAR + DPoP; token exchange");

// A kiosk: somebody allows it in a browser of their own.
const kiosk = await discovered("gerbang-kiosk", oidc.None());
const device = await oidc.initiateDeviceAuthorization(kiosk, { scope: "openid profile.read" });
const person = new Browser();
let at = await person.signIn(device.verification_uri);
at = await person.submit(at.page, { user_code: device.user_code });
await person.submit(at.page, { decision: "allow" });
const given = await oidc.pollDeviceAuthorizationGrant(kiosk, { ...device, interval: 1 });
assert.equal(given.claims().aud, "gerbang-kiosk");
done.push("device authorization");

console.log(JSON.stringify(done));
