import { once } from 'node:events';
import { createServer } from 'node:http';
import * as client from 'openid-client';

const issuer = new URL(process.env.ISSUER ?? 'http://127.0.0.1:8080');
const port = Number(process.env.PORT ?? 9801);
const app = `http://127.0.0.1:${port}`;

// Only a server on this machine may be asked without TLS.
const execute = issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [];
const secret = 'demo-web-secret-of-32-characters';
const config = await client.discovery(issuer, 'demo-web', secret, undefined, { execute });

// What is remembered of a sign-in until the browser comes back: in a web application, in its session.
const verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const nonce = client.randomNonce();
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: `${app}/callback`,
  scope: 'openid profile email offline_access',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
});
const server = createServer().listen(port, '127.0.0.1');
await once(server, 'listening');
console.log(`Open ${url}`);

const [request, response] = await once(server, 'request');
response.setHeader('connection', 'close').end('Back to the terminal.\n');
server.close();

// Checks state, iss, and the ID token: its signature, issuer, audience, times and nonce.
const tokens = await client.authorizationCodeGrant(config, new URL(request.url, app), {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
});
const { sub } = tokens.claims();
const person = await client.fetchUserInfo(config, tokens.access_token, sub);
console.log(`Signed in: ${person.email} is ${sub}`);

const fresh = await client.refreshTokenGrant(config, tokens.refresh_token);
console.log(`Refreshed: the new access token ends in ${fresh.expires_in} seconds`);

const end = client.buildEndSessionUrl(config, {
  id_token_hint: tokens.id_token,
  post_logout_redirect_uri: `${app}/loggedout`,
});
console.log(`Sign out at ${end}`);
