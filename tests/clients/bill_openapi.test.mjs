// BILL's OpenAPI document as billing-mock serves it: valid, imported by Postman's own converter, and every request of what
// that makes sent with newman. What a person must do by hand after such an import, BILL's developer pages say; `completed`
// does it, and is the list of it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { Validator } from '@seriousme/openapi-schema-validator';
import converter from 'openapi-to-postmanv2';

import { startBill } from './support/bill.mjs';
import { everyRequestHolds, run } from './support/newman_run.mjs';

const LOGIN = 'API login';
const SAVED = { // after which request an id is kept, and as what
  'Create a customer': ['customerId', 'id'],
  'Create an invoice': ['invoiceId', 'id'],
  'Create a credit memo': ['creditMemoId', 'id'],
  'Record AR payment': ['receivablePaymentId', 'id'],
};

describe('the OpenAPI document of BILL', () => {
  let bill, document, imported;

  before(async () => {
    bill = await startBill();
    document = await (await fetch(`${bill.url}/bill/openapi.json`)).json();
    imported = await convert(document);
  });
  after(() => bill?.stop());

  test('is a valid document of OpenAPI 3.0', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors));
  });

  test("becomes what BILL's pages describe: Connect API > v3 > login > API login", () => {
    const places = requests(imported).map(({ place }) => place.join(' > '));
    assert.ok(places.includes(`Connect API > v3 > login > ${LOGIN}`));
    assert.ok(places.includes('Connect API > v3 > customers > Create a customer'));
    assert.equal(places.length, Object.values(document.paths).flatMap(Object.keys).length);
  });

  test('asks for session and developer key in a header of every request but the log-on', () => {
    for (const { item } of requests(imported)) {
      const names = item.request.header.map(({ key }) => key);
      assert.equal(names.includes('sessionId') && names.includes('devKey'), item.name !== LOGIN, item.name);
    }
  });

  test('as imported, and with nothing done, logs nobody on', async () => {
    const { executions } = await run({ collection: structuredClone(imported), environment: { values: [] } });
    assert.ok(executions.every(({ response }) => response.code === 401));
  });

  test('as imported and completed by hand, every request is answered as the document says', async (t) => {
    const collection = completed(imported, document);
    const { executions } = await run({ collection, environment: { values: [] } }, bill.settings);
    assert.equal(executions.length, requests(imported).length);
    await everyRequestHolds(t, executions);
  });
});

/** Postman's import, with the sample bodies of the document. */
async function convert(document) {
  const source = { type: 'json', data: structuredClone(document) };
  const { result, reason, output } = await promisify(converter.convertV2)(source, { parametersResolution: 'Example' });
  assert.ok(result, reason);
  return output[0].data;
}

/** Every request of a collection, with the names of the folders it lies in. */
function requests({ info, item }) {
  const inside = (items, place) => items.flatMap((one) => (
    one.item ? inside(one.item, [...place, one.name]) : [{ item: one, place: [...place, one.name] }]));
  return inside(item, [info.name]);
}

/** The collection, completed: credentials and session from variables, no optional parameter, a script at the log-on. */
function completed(imported, document) {
  const collection = structuredClone(imported);
  const statuses = Object.fromEntries(Object.values(document.paths).flatMap(Object.values)
    .map(({ summary, responses }) => [summary, Number(Object.keys(responses)[0])]));
  for (const { item } of requests(collection)) {
    const { header, url, body } = item.request;
    for (const one of header) if (['sessionId', 'devKey'].includes(one.key)) one.value = `{{${one.key}}}`;
    for (const one of url.query ?? []) one.disabled = true;
    for (const one of url.variable ?? []) one.value = `{{${one.key}}}`;
    if (body?.raw) body.raw = body.raw.replace(/00e01X+/, '{{invoiceId}}');
    if (item.name === LOGIN) body.raw = JSON.stringify(Object.fromEntries(
      [['username', 'username'], ['password', 'password'], ['organizationId', 'orgId'], ['devKey', 'devKey']]
        .map(([member, variable]) => [member, `{{${variable}}}`])));
    const [variable, member] = item.name === LOGIN ? ['sessionId', 'sessionId'] : SAVED[item.name] ?? [];
    item.event = [{ listen: 'test', script: { type: 'text/javascript', exec: [
      `pm.test('is answered by ${statuses[item.name]}', () => {`,
      `  pm.response.to.have.status(${statuses[item.name]});`,
      ...(variable ? [
        `  pm.expect(pm.response.json().${member}).to.be.a('string').and.not.empty;`,
        `  pm.environment.set('${variable}', pm.response.json().${member});`] : []),
      '});'] } }];
  }
  return collection;
}
