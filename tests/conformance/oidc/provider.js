// An identity provider on this machine: node provider.js PORT REDIRECT_URI. Its forms for development let anyone in.
import { Provider } from 'oidc-provider';

const [port, redirect] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'vasculum', client_secret: 'a secret of this test', redirect_uris: [redirect] }],
  pkce: { required: () => true },
  claims: { openid: ['sub', 'orcid'], profile: ['name'] },
  conformIdTokenClaims: false,
  findAccount: (context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: `Dr ${id}`, orcid: 'https://orcid.org/0000-0002-1825-0097' }),
  }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
