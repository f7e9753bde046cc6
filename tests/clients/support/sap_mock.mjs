// A sap-mock of a test's own: on a free port, with nothing kept, stopped by the test that started it.
import { command, startStandIn } from './stand_in.mjs';

/** Who may log on: sap-mock's own default. */
export const USER = { username: 'DEVELOPER', password: 'Sap-mock1' };

/** Starts one; gives its `url` up to the port, `service(name)`, `createInvoices(list)`, `fault(plan)`, `empty()`, `exportJournal(format, file)` and `stop()`. */
export async function startSapMock({ changesetOperations = 'one' } = {}) {
  const standIn = await startStandIn('sap-mock', [
    '--database', 'sqlite://', '--changeset-operations', changesetOperations,
    '--service', 'ZINVOICE_SRV', '--service', 'REFERENCE_SRV=tests/reference_service/metadata.xml',
  ]);
  const { url } = standIn;
  const service = (name) => `${url}/sap/opu/odata/sap/${name}/`;
  return {
    ...standIn,
    service,
    createInvoices: (invoices) => createInvoices(service('ZINVOICE_SRV'), invoices),
    fault: (plan) => fetch(`${url}/_mock/faults`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(plan),
    }),
    exportJournal: (format, file) => command('sap-mock', ['journal', 'export', '--url', url, '--format', format, '-o', file]),
    empty: () => fetch(`${url}/_mock/reset`, { method: 'POST' }),
  };
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
