// The honest rival: every invoice at once by Promise.all, with a token, with SAP's types, on a connection of its own.
// node promise_all.mjs BILLING KEY SAP USER PASSWORD LIMIT; prints how many were created.
import http from 'node:http';

const [billing, apiKey, sap, user, password, limit] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: false, maxSockets: Infinity });

function call(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () =>
        resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(pieces).toString() }),
      );
      answer.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

const toSap = (invoice) =>
  JSON.stringify({
    ID: invoice.id,
    Status: invoice.status,
    IssuedAt: `${invoice.issuedAt}T00:00:00`,
    Value: String(invoice.totalAmount.value),
    Currency: invoice.totalAmount.currency,
    Link: invoice.links?.web?.href ?? '',
  });

const key = { 'x-api-key': apiKey };
const account = JSON.parse((await call(`${billing}/accounts`, { headers: key })).body).id;
const list = JSON.parse((await call(`${billing}/accounts/${account}/invoices?status=PAID`, { headers: key })).body).data;

const root = `${sap}/sap/opu/odata/sap/ZINVOICE_SRV/`;
const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const loggedOn = await call(root, { headers: { authorization, 'x-csrf-token': 'Fetch', accept: 'application/json' } });
const session = {
  authorization,
  'x-csrf-token': loggedOn.headers['x-csrf-token'],
  cookie: loggedOn.headers['set-cookie'].map((one) => one.split(';')[0]).join('; '),
  'content-type': 'application/json',
  accept: 'application/json',
};

const answers = await Promise.allSettled(
  list.slice(0, Number(limit)).map((invoice) => {
    const body = toSap(invoice);
    const headers = { ...session, 'content-length': Buffer.byteLength(body) };
    return call(`${root}Invoices`, { method: 'POST', headers, body });
  }),
);
console.log(answers.filter((one) => one.value?.status === 201).length);
