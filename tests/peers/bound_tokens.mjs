// openid-client against our provider: pushed requests, proofs of possession, refresh, exchange, a device, and logout.
//
// Arguments, as one JSON text: issuer, account, password, partner (id, key, redirectUri, audience). Ends with an error when
// anything is not as the client expects; prints what it has done.
import assert from "node:assert/strict";
import * as oidc from "openid-client";
import { Browser } from "./browser.mjs";

const { issuer, account, password, partner } = JSON.parse(process.argv[2]);
const REDIRECT = "http://127.0.0.1:49152/callback";
const SIGNED_OUT = "http://127.0.0.1:49152/signed-out";
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
const done = [];

function newBrowser() {
  return new Browser(issuer, account, password);
}

async function discovered(id, authentication) {
  return oidc.discovery(new URL(issuer), id, undefined, authentication, { execute: [oidc.allowInsecureRequests] });
}

async function signedIn(provider, redirect_uri, scope, DPoP, { browser = newBrowser(), prompt } = {}) {
  const [pkceCodeVerifier, expectedState, expectedNonce] = [
    oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce(),
  ];
  const asked = {
    redirect_uri, scope, state: expectedState, nonce: expectedNonce, code_challenge_method: "S256",
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier), ...(prompt && { prompt }),
  };
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
await assert.rejects(oidc.fetchUserInfo(mobile, last.access_token, subject, { DPoP }), { status: 401 });
done.push("refresh with rotation; reuse ends the family");

// A browser that is signed in: an app which any program could pretend to be asks its person all the same.
const later = (await signedIn(mobile, REDIRECT, "openid profile.read", DPoP, { browser })).tokens;
assert.equal(later.claims().sub, subject);
await refused(signedIn(mobile, REDIRECT, "openid", DPoP, { browser, prompt: "none" }), "consent_required");
const logout = { id_token_hint: later.id_token, post_logout_redirect_uri: SIGNED_OUT, state: "s" };
const { left } = await browser.open(oidc.buildEndSessionUrl(mobile, logout));
assert.equal(left.href, `${SIGNED_OUT}?state=s`);
await refused(signedIn(mobile, REDIRECT, "openid", DPoP, { browser, prompt: "none" }), "login_required");
await refused(oidc.refreshTokenGrant(mobile, later.refresh_token, undefined, { DPoP }), "invalid_grant");
done.push("logout");

// A partner with a P-521 key, which exchanges the resident's token for one for an agency's API.
const curve = { name: "ECDSA", namedCurve: "P-521" };
const key = await crypto.subtle.importKey("jwk", partner.key, curve, false, ["sign"]);
const portal = await discovered(partner.id, oidc.PrivateKeyJwt({ key, kid: partner.key.kid }));
const other = oidc.getDPoPHandle(portal, await oidc.randomDPoPKeyPair("Ed25519"));
const resident = (await signedIn(portal, partner.redirectUri, "openid profile.read", other)).tokens;
assert.equal(resident.token_type, "dpop");
const wanted = {
  audience: partner.audience, scope: "profile.read",
  subject_token: resident.access_token, subject_token_type: ACCESS_TOKEN,
};
const exchanged = await oidc.genericGrantRequest(portal, EXCHANGE, wanted, { DPoP: other });
assert.equal(exchanged.issued_token_type, ACCESS_TOKEN);
assert.equal(exchanged.token_type, "dpop");
assert.equal(exchanged.refresh_token, undefined);
await refused(oidc.genericGrantRequest(portal, EXCHANGE, wanted, { DPoP }), "invalid_grant");
done.push("private_key_jwt ES512 + PAR + DPoP; token exchange");

// A kiosk: somebody allows it in a browser of their own.
const kiosk = await discovered("gerbang-kiosk", oidc.None());
const device = await oidc.initiateDeviceAuthorization(kiosk, { scope: "openid profile.read" });
const person = newBrowser();
let at = await person.signIn(device.verification_uri);
at = await person.submit(at.page, { user_code: device.user_code });
await person.submit(at.page, { decision: "allow" });
const given = await oidc.pollDeviceAuthorizationGrant(kiosk, { ...device, interval: 1 });
assert.equal(given.claims().aud, "gerbang-kiosk");
done.push("device authorization");

console.log(JSON.stringify(done));
