// oauth4webapi against our provider: a machine's token, who may look at it, its end, and access tokens as RFC 9068 has them.
//
// Arguments, as one JSON text: issuer, account, password, resource (an agency's API), and three clients that prove
// themselves by keys of theirs, each with id and key: machine, register (that API) and stranger (another API). Ends with
// an error when anything is not as the library or this page expects; prints what it has done.
import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { Browser } from "./browser.mjs";

const { issuer, account, password, resource, ...clients } = JSON.parse(process.argv[2]);
const AT_THE_API = new URL("https://e-kelurahan.example/api/letters");
const REDIRECT = "http://127.0.0.1:49152/callback";
const onLoopback = { [oauth.allowInsecureRequests]: true };
const done = [];

const at = await oauth.discoveryRequest(new URL(issuer), { algorithm: "oauth2", ...onLoopback });
const provider = await oauth.processDiscoveryResponse(new URL(issuer), at);

async function proven({ id, key }) {
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const signing = await crypto.subtle.importKey("jwk", key, curve, false, ["sign"]);
  return [provider, { client_id: id }, oauth.PrivateKeyJwt({ key: signing, kid: key.kid })];
}

async function tokenOf(machine, asked, more) {
  const answer = await oauth.clientCredentialsGrantRequest(...machine, asked, { ...onLoopback, ...more });
  return oauth.processClientCredentialsResponse(provider, machine[1], answer);
}

async function looked(client, token) {
  const answer = await oauth.introspectionRequest(...client, token, onLoopback);
  return oauth.processIntrospectionResponse(provider, client[1], answer);
}

async function revoked(client, token) {
  return oauth.processRevocationResponse(await oauth.revocationRequest(...client, token, onLoopback));
}

/** The request by which a client shows its token at an API, which nobody is asked. */
async function shown(token, DPoP) {
  let request;
  const caught = (address, init) => {
    request = new Request(address, init);
    return new Response();
  };
  const more = { ...onLoopback, DPoP, [oauth.customFetch]: caught };
  await oauth.protectedResourceRequest(token, "GET", AT_THE_API, undefined, null, more);
  return request;
}

function judged(request, audience, more) {
  return oauth.validateJwtAccessToken(provider, request, audience, { signingAlgorithms: ["ES256"], ...onLoopback, ...more });
}

async function unfit(promise, word) {
  await assert.rejects(promise, (error) => word.test(error.message) || assert.fail(error));
}

const [machine, register, stranger] = await Promise.all(
  [clients.machine, clients.register, clients.stranger].map(proven));
const wanted = { scope: "client.read", resource };

// A machine asks for itself.
const token = await tokenOf(machine, wanted);
assert.deepEqual([token.token_type, token.scope, token.refresh_token], ["bearer", "client.read", undefined]);
await assert.rejects(tokenOf(machine, { ...wanted, scope: "profile.read" }), { error: "invalid_scope" });
done.push("client credentials by private_key_jwt ES256, with a scope");

const claims = await judged(await shown(token.access_token), resource);
const { exp, iat, jti, ...says } = claims;
const { id } = clients.machine;
assert.deepEqual(says, { iss: issuer, sub: id, aud: resource, client_id: id, scope: "client.read" });
assert.equal(exp - iat, 600);
await unfit(judged(await shown(token.access_token), "https://other.example/api"), /"aud"/);
await unfit(judged(await shown(token.access_token), resource, { requireDPoP: true }), /"cnf"/);
done.push("validateJwtAccessToken of a machine");

const DPoP = oauth.DPoP(machine[1], await oauth.generateKeyPair("ES256"));
const bound = await tokenOf(machine, wanted, { DPoP });
assert.equal(bound.token_type, "dpop");
const { cnf } = await judged(await shown(bound.access_token, DPoP), resource, { requireDPoP: true });
assert.deepEqual(cnf, { jkt: await DPoP.calculateThumbprint() });
const thief = oauth.DPoP(machine[1], await oauth.generateKeyPair("ES256"));
await unfit(judged(await shown(bound.access_token, thief), resource), /confirmation mismatch/);
await unfit(judged(await shown(bound.access_token), resource), /no DPoP HTTP Header/);
done.push("validateJwtAccessToken of a machine, bound to a key");

// Who may look at its token, and how that ends.
assert.deepEqual(await looked(register, token.access_token), { active: true, token_type: "Bearer", ...claims });
assert.deepEqual((await looked(register, bound.access_token)).cnf, cnf);
for (const other of [stranger, machine]) assert.deepEqual(await looked(other, token.access_token), { active: false });
done.push("introspection by whom the token is for, and by nobody else");

await assert.rejects(revoked(register, token.access_token), { error: "invalid_grant" });
assert.equal((await looked(register, token.access_token)).active, true);
await revoked(machine, token.access_token);
assert.deepEqual(await looked(register, token.access_token), { active: false });
assert.equal((await looked(register, bound.access_token)).active, true);
done.push("revocation ends that token and no other");

// A person, whose app binds everything to a key of the telephone.
const app = { client_id: "gerbang-mobile" };
const phone = oauth.DPoP(app, await oauth.generateKeyPair("Ed25519"));
const [state, nonce, verifier] = [
  oauth.generateRandomState(), oauth.generateRandomNonce(), oauth.generateRandomCodeVerifier(),
];
const asked = {
  response_type: "code", client_id: app.client_id, redirect_uri: REDIRECT, scope: "openid profile.read", state, nonce,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
};
const address = `${provider.authorization_endpoint}?${new URLSearchParams(asked)}`;
const { left } = await new Browser(issuer, account, password).signIn(address);
const code = oauth.validateAuthResponse(provider, app, left, state);
const more = { DPoP: phone, ...onLoopback };
const answer = await oauth.authorizationCodeGrantRequest(provider, app, oauth.None(), code, REDIRECT, verifier, more);
const person = await oauth.processAuthorizationCodeResponse(provider, app, answer, { expectedNonce: nonce });
const api = `${issuer}/v1`;
const accepted = { signingAlgorithms: ["ES256", "Ed25519"] };
const theirs = await judged(await shown(person.access_token, phone), api, { requireDPoP: true, ...accepted });
assert.deepEqual([theirs.client_id, theirs.scope, theirs.acr], [app.client_id, "openid profile.read", "1"]);
assert.equal(theirs.sub, oauth.getValidatedIdTokenClaims(person).sub);
assert.deepEqual(theirs.cnf, { jkt: await phone.calculateThumbprint() });
await unfit(judged(await shown(person.access_token, thief), api, accepted), /confirmation mismatch/);
await unfit(judged(await shown(person.access_token, phone), resource, accepted), /"aud"/);
await unfit(judged(await shown(person.id_token), app.client_id), /"typ"/);
done.push("validateJwtAccessToken of a person, bound to a key");

console.log(JSON.stringify(done));
