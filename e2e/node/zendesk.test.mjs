// node-zendesk runs every method it has for OAuth clients, tokens and global clients (zendesk-wire §1.9).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allow } from './browser.mjs';
import { admin, agent, alice, bearer, limitedOrigin, neverCalled, origin, zendesk } from './world.mjs';

const { oauthclients, oauthtokens, users } = zendesk(admin);

let made = 0;
function draft(values = {}) {
  made += 1;
  return { name: `Node ${made}`, identifier: `node-${process.pid}-${made}`, kind: 'confidential', ...values };
}

async function createClient(values) {
  const { result } = await oauthclients.create(draft(values));
  return result.client;
}

async function createToken(client, scopes = ['read']) {
  return (await oauthtokens.create({ token: { client_id: client.id, scopes } })).result;
}

// The request of the seed's global client; its challenge is that of RFC 7636, appendix B.
function globalAuthorization() {
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: 'zdg-e2e',
    redirect_uri: 'https://global.e2e.example/callback',
    scope: 'read',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  return new URL(`/oauth/authorizations/new?${parameters}`, origin);
}

// What node-zendesk makes of a 204 with the right reason phrase.
function assertNoContent({ result }) {
  assert.equal(result.statusCode, 204);
  assert.equal(result.message, 'No Content');
}

async function refused(call, status) {
  let fault;
  await assert.rejects(call, (error) => {
    fault = error;
    return true;
  });
  assert.equal(fault.statusCode, status, fault.message);
  return fault.result;
}

test('it knows who calls', async () => {
  const { result } = await users.me();
  assert.equal(result.email, admin.username);
  const shown = await users.show(result.id);
  assert.equal(shown.result.role, 'admin');
});

test('a client is made, shown, changed, given a new secret and deleted', async () => {
  const redirects = ['https://reports.e2e.example/oauth/cb'];
  const client = await createClient({ company: 'Acme Ltd', redirect_uri: redirects });
  assert.match(client.secret, /^cstcs_[A-Za-z0-9_-]{43,}$/);
  assert.deepEqual(client.redirect_uri, redirects);

  const shown = (await oauthclients.show(client.id)).result.client;
  assert.deepEqual(shown, { ...client, secret: client.secret.slice(0, 9) });

  const updated = (await oauthclients.update(client.id, { name: 'Renamed' })).result.client;
  assert.equal(updated.name, 'Renamed');
  assert.equal(updated.company, 'Acme Ltd');

  const renewed = (await oauthclients.generateSecret(client.id)).result.client;
  assert.match(renewed.secret, /^cstcs_[A-Za-z0-9_-]{43,}$/);
  assert.notEqual(renewed.secret, client.secret);

  assertNoContent(await oauthclients.delete(client.id));
  await refused(oauthclients.show(client.id), 404);
});

test('a client without a kind is of unknown kind', async () => {
  const client = await createClient({ kind: undefined });
  assert.equal(client.kind, 'unknown');
});

// Links must begin with the base URL that was asked, or node-zendesk glues them to its own.
for (const at of [origin, origin.replace('127.0.0.1', 'localhost')]) {
  test(`more than a hundred clients are listed, each once, at ${new URL(at).hostname}`, async () => {
    const clients = [];
    for (let round = 0; round < 11; round += 1) {
      clients.push(...(await Promise.all(Array.from({ length: 10 }, () => createClient()))));
    }
    const listed = await zendesk(admin, { at }).oauthclients.list();
    const ids = listed.map((client) => client.id);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(clients.filter((client) => !ids.includes(client.id)), []);
    assert.ok(listed.every((client) => client.url.startsWith(at)));
  });
}

test('what is wrong with a client is told for each field', async () => {
  const taken = await createClient();
  const body = await refused(oauthclients.create({ identifier: taken.identifier }), 422);
  assert.equal(body.error, 'RecordInvalid');
  assert.equal(body.details.name[0].error, 'BlankValue');
  assert.equal(body.details.identifier[0].error, 'DuplicateValue');
});

test('wrong credentials, roles and ids are refused in the shapes it reads', async () => {
  const stranger = zendesk({ ...admin, token: 'not-a-token-of-the-tests' });
  assert.equal((await refused(stranger.oauthclients.list(), 401)).error, "Couldn't authenticate you");
  const expired = zendesk(bearer('cstat_nobody'));
  assert.equal((await refused(expired.oauthclients.list(), 401)).error, 'invalid_token');
  assert.equal((await refused(zendesk(agent).oauthclients.list(), 403)).error.title, 'Forbidden');
  assert.equal((await refused(oauthclients.show(404404404), 404)).error, 'RecordNotFound');
});

test('its own sentence for a role error has our title and message', async () => {
  const said = zendesk(agent, { throwOriginalException: false }).oauthclients.create(draft());
  await assert.rejects(said, /\(403\).*Forbidden: Your role does not permit this action\.$/);
});

// node-zendesk does not throw at the limit: it returns an error in place of the result.
test('at the rate limit it sees 429', async () => {
  const hurried = zendesk(admin, { at: limitedOrigin }).users;
  let result = {};
  for (let call = 0; call < 1000 && result.statusCode === undefined; call += 1) {
    ({ result } = await hurried.me());
  }
  assert.equal(result.statusCode, 429);
});

test('a token is made, used, shown, listed and revoked', async () => {
  const client = await createClient();
  const token = await createToken(client, ['read', 'write']);
  assert.equal(token.token, token.full_token.slice(0, 10));

  const holder = zendesk(bearer(token.full_token));
  assert.equal((await holder.users.me()).result.email, admin.username);
  const current = (await holder.oauthtokens.current()).result;
  assert.equal(current.id, token.id);
  assert.deepEqual(current.scopes, ['read', 'write']);
  const shown = (await oauthtokens.show(token.id)).result;
  assert.equal(shown.token, token.token);
  assert.equal(shown.full_token, undefined);

  assertNoContent(await oauthtokens.revoke(token.id));
  assert.equal((await refused(holder.oauthtokens.current(), 401)).error, 'invalid_token');
  await refused(oauthtokens.revoke(token.id), 404);
});

test('more than a hundred tokens are listed, each once', async () => {
  const client = await createClient();
  const made = [];
  for (let round = 0; round < 11; round += 1) {
    made.push(...(await Promise.all(Array.from({ length: 10 }, () => createToken(client)))));
  }
  const query = { all: true, client_id: client.id };
  const pages = await zendesk(admin, { query }).oauthtokens.list();
  const listed = pages.flatMap((page) => page.tokens.map((token) => token.id));
  assert.equal(listed.length, made.length);
  assert.deepEqual(new Set(listed), new Set(made.map((token) => token.id)));
});

test('an admin who may impersonate acts as an end user', async () => {
  const token = await createToken(await createClient(), ['read', 'impersonate']);
  const acting = zendesk(bearer(token.full_token), { asUser: alice.username });
  assert.equal((await acting.users.me()).result.email, alice.username);
});

// It has no class for them: its generic calls know the list.
test('the global client that Alice allowed is listed, shown and summed up', async () => {
  await allow(globalAuthorization());
  const listed = await oauthclients.getAll(['oauth', 'global_clients']);
  const clients = listed.flatMap((page) => page.global_clients);
  assert.deepEqual(clients.map((client) => client.identifier), ['zdg-e2e']);
  const [{ id }] = clients;
  const shown = (await oauthclients.get(['oauth', 'global_clients', id])).result;
  assert.deepEqual(shown.global_client, clients[0]);
  const summary = await oauthclients.getAll(['oauth', 'global_clients', 'token_summary']);
  const { tokens_count: count } = summary.flatMap((page) => page.global_clients).find((row) => row.id === id);
  assert.ok(Number.isInteger(count));
});

test('no method was left out', () => {
  assert.deepEqual(neverCalled(), []);
});
