// A certified OpenID provider on loopback: accounts from ACCOUNTS (login to claims), one client.
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const [folder, port, redirects] = process.argv.slice(2);
const module = `${folder}/node_modules/oidc-provider/lib/index.js`;
const { Provider } = await import(pathToFileURL(module).href);
const accounts = JSON.parse(process.env.ACCOUNTS);
const issuer = `http://localhost:${port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'fern-and-kettle',
    client_secret: 'a secret of the shop',
    redirect_uris: redirects.split(' '),
    response_types: ['code'],
    grant_types: ['authorization_code'],
  }],
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
  pkce: { required: () => true },
  cookies: { keys: ['only for tests'] },
  findAccount: async (_ctx, login) => ({
    accountId: login,
    claims: async () => ({ sub: login, ...accounts[login] }),
  }),
});
createServer(provider.callback()).listen(Number(port), '127.0.0.1', () => console.log('ready'));
