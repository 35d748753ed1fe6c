// The server that e2e/run started, the people in its seed, and node-zendesk with a memory of what was called.
import nodeZendesk from 'node-zendesk';

export const origin = process.env.E2E_ORIGIN;
export const limitedOrigin = process.env.E2E_LIMITED_ORIGIN;

export const admin = { username: 'admin@e2e.example', token: 'admin-api-token-of-the-tests' };
export const agent = { username: 'agent@e2e.example', token: 'agent-api-token-of-the-tests' };
export const alice = { username: 'alice@e2e.example', password: 'a person of the tests' };

const RESOURCES = ['oauthclients', 'oauthtokens'];
const called = new Set();

// A client for one caller. Errors keep their status and body; node-zendesk alone makes a sentence of them.
export function zendesk(caller, options = {}) {
  const endpointUri = `${options.at ?? origin}/api/v2`;
  const client = nodeZendesk.createClient({ endpointUri, throwOriginalException: true, ...caller, ...options });
  const remembered = RESOURCES.map((name) => [name, remember(client[name], name)]);
  return { users: client.users, ...Object.fromEntries(remembered) };
}

// A caller with an access token instead of an API token.
export function bearer(token) {
  return { token, oauth: true };
}

// The methods of both resource classes that no test has called.
export function neverCalled() {
  const client = nodeZendesk.createClient({ endpointUri: origin, ...admin });
  return RESOURCES.flatMap((name) => methods(client[name]).map((method) => `${name}.${method}`))
    .filter((method) => !called.has(method));
}

function methods(resource) {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(resource));
  return names.filter((name) => name !== 'constructor');
}

function remember(resource, name) {
  return new Proxy(resource, {
    get(target, method) {
      const value = target[method];
      if (typeof value !== 'function') return value;
      return (...given) => {
        called.add(`${name}.${method}`);
        return value.apply(target, given);
      };
    },
  });
}
