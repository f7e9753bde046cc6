// newman with the collections for people, docs/postman: every request of them asserts something, and all of it holds.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startBill } from './support/bill.mjs';
import { everyRequestHolds, run } from './support/newman_run.mjs';
import { startSapMock, USER } from './support/sap_mock.mjs';

const file = (name, what) => fileURLToPath(new URL(`../../docs/postman/${name}.postman_${what}.json`, import.meta.url));
const files = (name) => ({ collection: file(name, 'collection'), environment: file(name, 'environment') });
const STAND_INS = {
  'sap-mock': {
    requests: 30,
    secrets: ['password'],
    async start() {
      const sap = await startSapMock();
      return { ...sap, variables: { baseUrl: sap.url, password: USER.password } };
    },
  },
  bill: {
    requests: 50,
    secrets: ['username', 'password', 'devKey', 'orgId', 'sessionId'],
    async start() {
      const bill = await startBill();
      return { ...bill, variables: bill.settings };
    },
  },
};

for (const [name, { requests, secrets, start }] of Object.entries(STAND_INS)) {
  describe(`newman, ${name}`, () => {
    let standIn;

    before(async () => { standIn = await start(); });
    after(() => standIn?.stop());

    test('every request of the collection is answered as it asserts', async (t) => {
      const { executions } = await run(files(name), standIn.variables);
      assert.ok(executions.length > requests);
      await everyRequestHolds(t, executions);
    });

    test('the environment names its secrets as such and holds none', async () => {
      const { values } = JSON.parse(await readFile(file(name, 'environment'), 'utf8'));
      for (const secret of secrets) {
        const { value, type } = values.find(({ key }) => key === secret);
        assert.deepEqual([value, type], ['', 'secret']);
      }
    });
  });
}

describe('the log-on at BILL', () => {
  let bill;
  const sessionOf = ({ environment }) => environment.get('sessionId');

  before(async () => { bill = await startBill(); });
  after(() => bill?.stop());

  test('that fails ends the run where its cause is, and keeps no session, not even an earlier one', async () => {
    const wrong = { ...bill.settings, password: 'wrong', sessionId: 'of an earlier log-on' };
    const ended = await run(files('bill'), wrong);
    assert.equal(ended.executions.at(-1).item.name, 'API login');
    assert.ok(ended.executions.at(-1).assertions[0].error);
    assert.equal(sessionOf(ended), '');
  });

  test('leaves nothing behind when all is done', async () => {
    assert.equal(sessionOf(await run(files('bill'), bill.settings)), '');
  });

  test('writes no secret into globals or the console', async () => {
    const scripts = (await readFile(file('bill', 'collection'), 'utf8')).match(/pm\.globals|console\./g);
    assert.equal(scripts, null);
  });
});
