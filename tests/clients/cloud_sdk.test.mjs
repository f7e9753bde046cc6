// SAP Cloud SDK for JavaScript: a client generated from the $metadata that sap-mock serves, and what it does.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import BigNumber from 'bignumber.js';
import moment from 'moment';
import { generate } from '@sap-cloud-sdk/generator';
import { desc } from '@sap-cloud-sdk/odata-common';

import { startReverseProxy } from './support/reverse_proxy.mjs';
import { startSapMock, USER } from './support/sap_mock.mjs';

const GENERATED = fileURLToPath(new URL('./generated/', import.meta.url));

let folder; // of this run's generated client: inside this project, where it finds the SDK
let ZInvoice; // the generated client

/** Writes the $metadata of the service to a file and lets the SDK's generator make, and compile, a client of it. */
async function generatedClient(sap) {
  const answer = await fetch(`${sap.service('ZINVOICE_SRV')}$metadata`, {
    headers: { authorization: `Basic ${btoa(`${USER.username}:${USER.password}`)}` },
  });
  assert.equal(answer.status, 200);
  await mkdir(GENERATED, { recursive: true });
  folder = await mkdtemp(GENERATED);
  const input = join(folder, 'ZINVOICE_SRV.edmx');
  await writeFile(input, await answer.text());
  await generate({ input, outputDir: join(folder, 'client'), transpile: true });
  return createRequire(import.meta.url)(join(folder, 'client', 'ZINVOICE_SRV'));
}

describe('SAP Cloud SDK', () => {
  const stand = {};
  let service, invoices, destination;

  before(async () => {
    stand.one = await startSapMock();
    stand.many = await startSapMock({ changesetOperations: 'many' });
    stand.proxy = await startReverseProxy(stand.one.url);
    ZInvoice = await generatedClient(stand.one);
    service = ZInvoice.zinvoiceSrv();
    invoices = service.invoicesApi;
    destination = { url: stand.proxy.url, ...USER };
  });
  after(async () => {
    await Promise.all(Object.values(stand).map((running) => running.stop()));
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await Promise.all([stand.one.empty(), stand.many.empty()]);
    stand.proxy.exchanges.length = 0;
  });

  const invoice = (id, value = '440.00', currency = 'USD') =>
    invoices.entityBuilder().id(id).status('PAID').issuedAt(moment.utc('2023-10-12')).value(new BigNumber(value))
      .currency(currency).link(`https://pay.example.com/${id}?view=1&lang=en`).build();
  const create = (entity, where = destination) => invoices.requestBuilder().create(entity).execute(where);
  const byKey = (id, where = destination) => invoices.requestBuilder().getByKey(id).execute(where);
  const all = (where = destination) => invoices.requestBuilder().getAll().execute(where);
  const ids = (entities) => entities.map(({ id }) => id);

  test('its generator makes a client of our $metadata that knows every property by its type', () => {
    assert.deepEqual(Object.keys(invoices.schema).filter((name) => name !== 'ALL_FIELDS'),
      ['ID', 'STATUS', 'ISSUED_AT', 'VALUE', 'CURRENCY', 'LINK']);
    assert.equal(invoices.schema.VALUE.edmType, 'Edm.Decimal');
    assert.equal(invoices.schema.ISSUED_AT.edmType, 'Edm.DateTime');
  });

  test('an invoice is created and read by its key, its decimals and its day unchanged', async () => {
    const created = await create(invoice("AB/1 & 2's"));
    assert.equal(created.id, "AB/1 & 2's");
    const read = await byKey("AB/1 & 2's");
    assert.equal(read.value.toFixed(), '440');
    assert.equal(read.issuedAt.toISOString(), '2023-10-12T00:00:00.000Z');
    assert.equal(read.link, "https://pay.example.com/AB/1 & 2's?view=1&lang=en");
  });

  test('the token of a change is fetched by HEAD and used once', async () => {
    await create(invoice('A'));
    const [head, post, ...others] = stand.proxy.exchanges;
    assert.deepEqual([head.method, head.path, head.headers['x-csrf-token'], head.status],
      ['HEAD', '/sap/opu/odata/sap/ZINVOICE_SRV/Invoices/', 'Fetch', 200]);
    assert.deepEqual([post.method, post.status], ['POST', 201]);
    assert.match(post.headers.cookie, /SAP_SESSIONID_/);
    assert.deepEqual(others, []);
  });

  test('without its token, the change is refused', async () => {
    const refused = invoices.requestBuilder().create(invoice('A')).skipCsrfTokenFetching().execute(destination);
    await assert.rejects(refused, ({ cause, rootCause }) => (rootCause ?? cause).response.status === 403);
    assert.deepEqual(await all(), []);
  });

  test('a list is filtered, ordered, paged, cut to some properties, and counted', async () => {
    for (const [id, value] of [['A', '10.50'], ['B', '20.50'], ['C', '30.50'], ['D', '40.50']]) await create(invoice(id, value));
    const { schema } = invoices;
    const page = await invoices.requestBuilder().getAll()
      .filter(schema.VALUE.greaterThan(new BigNumber('10.50')), schema.ISSUED_AT.equals(moment.utc('2023-10-12')))
      .orderBy(desc(schema.VALUE))
      .skip(1).top(1).select(schema.ID, schema.VALUE).execute(destination);
    assert.deepEqual(ids(page), ['C']);
    assert.equal(page[0].currency, undefined);
    assert.equal(await invoices.requestBuilder().getAll().count().execute(destination), 4);
  });

  test('an invoice is changed by PATCH, then deleted, and then it is nowhere', async () => {
    const changed = await create(invoice('A'));
    changed.status = 'VOID';
    await invoices.requestBuilder().update(changed).execute(destination);
    assert.deepEqual(stand.proxy.exchanges.at(-1).body, '{"Status":"VOID"}');
    assert.deepEqual([stand.proxy.exchanges.at(-1).method, stand.proxy.exchanges.at(-1).status], ['PATCH', 204]);
    assert.equal((await byKey('A')).status, 'VOID');
    await invoices.requestBuilder().delete('A').execute(destination);
    await assert.rejects(byKey('A'), says(404, '/IWBEP/CM_MGW_RT/020', "Resource not found for segment 'Invoice'"));
  });

  test('an invoice is replaced by PUT', async () => {
    const replaced = await create(invoice('A'));
    replaced.value = new BigNumber('0.125');
    await invoices.requestBuilder().update(replaced).replaceWholeEntityWithPut().execute(destination);
    assert.equal(stand.proxy.exchanges.at(-1).method, 'PUT');
    assert.equal((await byKey('A')).value.toFixed(), '0.125');
  });

  test("a second invoice under the same ID is refused with the message of SAP's class ZINVOICE", async () => {
    await create(invoice('A'));
    await assert.rejects(create(invoice('A')), says(400, 'ZINVOICE/001', 'Invoice A already exists'));
  });

  test('a $batch reads, and creates in a changeset', async () => {
    await create(invoice('A'));
    const [read, created] = await service.batch(
      invoices.requestBuilder().getAll(),
      service.changeset(invoices.requestBuilder().create(invoice('B'))),
    ).execute(destination);
    assert.deepEqual(ids(read.as(invoices)), ['A']);
    assert.equal(created.responses[0].httpCode, 201);
    assert.deepEqual(ids(await all()), ['A', 'B']);
  });

  test('every form in which the SDK can write the addresses of a $batch is understood', async () => {
    await create(invoice('A'));
    for (const form of ['absolute', 'relativeToService', 'relativeToEntity']) {
      const [read] = await service.batch(invoices.requestBuilder().getByKey('A')).withSubRequestPathType(form).execute(destination);
      assert.equal(read.as(invoices)[0].id, 'A', form);
    }
  });

  test('two operations in one changeset: a service that does not allow them says so, and does nothing', async () => {
    const two = () => service.batch(service.changeset(
      invoices.requestBuilder().create(invoice('A')), invoices.requestBuilder().create(invoice('B'))));
    const [refused] = await two().execute(destination);
    assert.equal(refused.httpCode, 400);
    assert.match(refused.body.error?.message.value ?? '', /changeset/i);
    assert.deepEqual(await all(), []);

    const allowing = { url: stand.many.url, ...USER };
    const [done] = await two().execute(allowing);
    assert.deepEqual(done.responses.map(({ httpCode }) => httpCode), [201, 201]);
    assert.deepEqual(ids(await all(allowing)), ['A', 'B']);
  });

  test('a changeset of which one operation fails is undone as a whole', async () => {
    const allowing = { url: stand.many.url, ...USER };
    await create(invoice('B'), allowing);
    const [refused] = await service.batch(service.changeset(
      invoices.requestBuilder().create(invoice('A')), invoices.requestBuilder().create(invoice('B')))).execute(allowing);
    assert.equal(refused.httpCode, 400);
    assert.equal(refused.body.error.code, 'ZINVOICE/001');
    assert.deepEqual(ids(await all(allowing)), ['B']);
  });

  test('a wrong password is answered by 401', async () => {
    await assert.rejects(all({ ...destination, password: 'wrong' }), ({ rootCause }) => rootCause.response.status === 401);
  });
});

/** What an error of the SDK must tell of SAP's answer. */
function says(status, code, text) {
  return ({ rootCause: { response } }) => {
    assert.equal(response.status, status);
    assert.equal(response.data.error.code, code);
    assert.equal(response.data.error.message.value, text);
    return true;
  };
}
