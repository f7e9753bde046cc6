// The short way from Postman's invoices to SAP, as one is tempted to write it: ask once, map six members, post them all.
// After the example in Postman's blog on its billing endpoints; addresses and credentials come from the environment.
import axios from 'axios';

const { INVOICES_URL, BILLING_TOKEN, SAP_INVOICES_URL, SAP_USER, SAP_PASSWORD, SAP_HEADERS = '{}' } = process.env;

const toSap = (invoice) => ({
  ID: invoice.id,
  Status: invoice.status,
  IssuedAt: invoice.issuedAt,
  Value: invoice.totalAmount.value,
  Currency: invoice.totalAmount.currency,
  Link: invoice.links.web.href,
});

// SAP_HEADERS is not in the example: it lends the script a CSRF token and its cookies, to see what comes after them.
const logOn = { auth: { username: SAP_USER, password: SAP_PASSWORD }, headers: JSON.parse(SAP_HEADERS) };

axios
  .get(INVOICES_URL, { headers: { Authorization: `Bearer ${BILLING_TOKEN}` } })
  .then(({ data }) => Promise.all(data.data.map((invoice) => axios.post(SAP_INVOICES_URL, toSap(invoice), logOn))))
  .then((answers) => console.log(`sent: ${answers.length}`))
  .catch((error) => {
    console.error('failed:', error.message);
    if (error.response) console.error(JSON.stringify(error.response.data));
  });
