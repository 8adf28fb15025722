// A real OpenID provider for tests. Whoever signs in there is who they say: the name that is typed decides what the provider knows.
//
//   mina@moim.test           has an address, and the provider has verified it
//   unsure-mina@moim.test    has one that nobody has verified
//   mina                     has none
//
// By itself (`node end2end/peers/oidc.mjs '{"callbacks":["http://…"]}'`) it prints its address and ends with its standard input.

import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import Provider, { interactionPolicy } from 'oidc-provider';

export const CLIENT = { id: 'moim', secret: 'a secret that two sides of a test share' };

/**
 * Listens on a free port of this machine. `callbacks` are the addresses that people may be sent back to, `says` is what the token
 * itself holds (`more`: the email too, which otherwise has to be asked for), `takes` is how clients prove who they are.
 */
export async function startProvider({ callbacks, says = 'less', takes = 'client_secret_basic' }) {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  // Who is asked with which account they come says it, however they are signed in.
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: callbacks, token_endpoint_auth_method: takes }],
    clientAuthMethods: [takes],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: says === 'less',
    cookies: { keys: ['a key of a test'] },
    interactions: { policy },
    pkce: { required: () => true },
    // The pages that come with it fetch fonts from elsewhere.
    features: { devInteractions: { enabled: false } },
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope(oidc.params.scope);
      await grant.save();
      return grant;
    },
    findAccount: (_, name) => ({ accountId: name, claims: () => ({ sub: name, ...address(name) }) }),
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    const asked = request.url.startsWith('/interaction/') ? interact(provider, request, response) : answer(request, response);
    asked.catch((error) => response.writeHead(500).end(String(error)));
  });
  return {
    issuer,
    stop: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(closed));
    },
  };
}

/** The page where people say who they are, or that they would rather not. */
async function interact(provider, request, response) {
  const { uid } = await provider.interactionDetails(request, response);
  if (request.url.endsWith('/abort')) {
    return provider.interactionFinished(request, response, { error: 'access_denied' });
  }
  if (request.method === 'POST') {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const accountId = new URLSearchParams(Buffer.concat(chunks).toString()).get('login');
    return provider.interactionFinished(request, response, { login: { accountId }, select_account: {} });
  }
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': "default-src 'none'" });
  response.end(`<!DOCTYPE html><html lang="en"><link rel="icon" href="data:,"><title>Provider</title><h1>Who are you?</h1>
<form method="post"><label>Login <input name="login" required></label><button>Continue</button></form><a href="/interaction/${uid}/abort">Cancel</a></html>`);
}

function address(name) {
  return name.includes('@') ? { email: name.replace(/^unsure-/, ''), email_verified: !name.startsWith('unsure-') } : {};
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { issuer } = await startProvider(JSON.parse(process.argv[2]));
  console.log(issuer);
  process.stdin.on('end', () => process.exit()).resume();
}
