// A list of invoices that grows, and below it what SAP had to say. What a test works with is left in window.invoices.
sap.ui.define([
  'sap/m/List', 'sap/m/StandardListItem', 'sap/ui/core/Messaging', 'sap/ui/model/Filter', 'sap/ui/model/Sorter',
  'sap/ui/model/odata/v2/ODataModel',
], (List, StandardListItem, Messaging, Filter, Sorter, ODataModel) => {
  const useBatch = !new URLSearchParams(location.search).has('without-batch');
  const model = new ODataModel({ serviceUrl: '/sap/opu/odata/sap/ZINVOICE_SRV/', defaultCountMode: 'Inline', useBatch });
  Messaging.registerMessageProcessor(model);
  const list = new List('invoices', { growing: true, growingThreshold: 20 }).setModel(model).bindItems({
    path: '/Invoices',
    template: new StandardListItem({ title: '{ID}', description: '{Status}', info: '{Value} {Currency}' }),
  });
  const messages = new List('messages').setModel(Messaging.getMessageModel()).bindItems({
    path: '/',
    template: new StandardListItem({ title: '{message}', description: '{type}', info: '{code}' }),
  });
  /** The model of another service, its methods as promises. */
  const modelOf = (service) => {
    const other = new ODataModel({ serviceUrl: `/sap/opu/odata/sap/${service}/` });
    const promised = (start) => new Promise((success, error) => { start({ success, error }); });
    return {
      create: (path, entity) => promised((settle) => other.create(path, entity, settle)),
      read: (path, urlParameters) => promised((settle) => other.read(path, { ...settle, urlParameters })),
      callFunction: (path) => promised((settle) => other.callFunction(path, settle)),
    };
  };
  list.placeAt('content');
  messages.placeAt('content');
  window.invoices = {
    model,
    modelOf,
    list,
    filter: (...conditions) => list.getBinding('items').filter(conditions.map((condition) => new Filter(...condition))),
    sort: (property, descending) => list.getBinding('items').sort(new Sorter(property, descending)),
  };
});
