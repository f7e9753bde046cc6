// A billing-mock that is BILL alone, and who may log on there.
import { startStandIn } from './stand_in.mjs';

/** Starts one; gives its `url` up to the port, `settings` by BILL's names for them, and `stop()`. */
export async function startBill() {
  const standIn = await startStandIn('billing-mock', ['--vendor', 'bill', '--invoices', '60']);
  const told = await (await fetch(`${standIn.url}/_mock/settings`)).json();
  const settings = {
    baseUrl: told.B2S_BILL_URL,
    username: told.B2S_BILL_USERNAME,
    password: told.B2S_BILL_PASSWORD,
    devKey: told.B2S_BILL_DEV_KEY,
    orgId: told.B2S_BILL_ORGANIZATION_ID,
  };
  return { ...standIn, settings };
}
