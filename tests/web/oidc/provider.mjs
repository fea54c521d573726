// A real OpenID provider on the loopback: node provider.mjs PORT CLIENT_ID REDIRECT_URI. Whoever signs in as NAME has the role NAME.
import Provider from 'oidc-provider';

const [port, client, redirect] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: client, redirect_uris: [redirect], application_type: 'native', token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'], response_types: ['code'],
  }],
  claims: { openid: ['sub', 'roles'] },
  conformIdTokenClaims: false,
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, roles: [sub] }) }),
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ['for tests only'] },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'));
