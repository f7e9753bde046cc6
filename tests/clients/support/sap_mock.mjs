// A sap-mock of a test's own: on a free port, with nothing kept, stopped by the test that started it.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const READY = / ready at (\S+)$/;
const NOT_STARTED_AFTER = 30_000;

/** Who may log on: sap-mock's own default. */
export const USER = { username: 'DEVELOPER', password: 'Sap-mock1' };

/** Starts one; gives its `url` up to the port, `service(name)`, `createInvoices(list)`, `fault(plan)`, `empty()` and `stop()`. */
export async function startSapMock({ changesetOperations = 'one' } = {}) {
  const sapMock = spawn(
    `${ROOT}.venv/bin/sap-mock`,
    ['serve', '--port', '0', '--database', 'sqlite://', '--changeset-operations', changesetOperations,
      '--service', 'ZINVOICE_SRV', '--service', 'REFERENCE_SRV=tests/reference_service/metadata.xml'],
    { cwd: ROOT, env: withoutItsSettings(process.env), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const stopWithUs = () => sapMock.kill('SIGTERM'); // SIGKILL would leave its workers behind
  process.once('exit', stopWithUs);
  process.once('SIGTERM', () => process.exit(143)); // how the test runner ends a file that takes too long
  const ended = new Promise((resolve) => sapMock.once('close', resolve));
  const url = await addressOf(sapMock);
  const service = (name) => `${url}/sap/opu/odata/sap/${name}/`;
  return {
    url,
    service,
    createInvoices: (invoices) => createInvoices(service('ZINVOICE_SRV'), invoices),
    fault: (plan) => fetch(`${url}/_mock/faults`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(plan),
    }),
    empty: () => fetch(`${url}/_mock/reset`, { method: 'POST' }),
    async stop() {
      sapMock.kill('SIGTERM');
      await ended;
      process.off('exit', stopWithUs);
    },
  };
}

function withoutItsSettings(environment) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('SAP_MOCK_')));
}

function addressOf(sapMock) {
  const said = [];
  sapMock.stderr.on('data', (chunk) => said.push(chunk));
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`sap-mock did not get ready: ${said.join('') || 'it said nothing'}`));
    const alarm = setTimeout(fail, NOT_STARTED_AFTER);
    sapMock.once('error', reject);
    sapMock.once('close', fail);
    createInterface({ input: sapMock.stdout }).on('line', (line) => {
      const [, address] = READY.exec(line) ?? [];
      if (!address) return said.push(`${line}\n`);
      clearTimeout(alarm);
      return resolve(address);
    });
  });
}

async function createInvoices(root, invoices) {
  const authorization = `Basic ${btoa(`${USER.username}:${USER.password}`)}`;
  const { headers } = await fetch(root, { headers: { authorization, 'x-csrf-token': 'Fetch' } });
  const session = {
    authorization,
    cookie: headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; '),
    'x-csrf-token': headers.get('x-csrf-token'),
    'content-type': 'application/json',
  };
  for (const invoice of invoices) {
    const { status } = await fetch(`${root}Invoices`, { method: 'POST', headers: session, body: JSON.stringify(invoice) });
    if (status !== 201) throw new Error(`${status} for ${JSON.stringify(invoice)}`);
  }
}
