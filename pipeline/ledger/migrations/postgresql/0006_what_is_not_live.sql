-- What is not live has no key: a condition that costs less than a list of states.
DROP INDEX document_not_live;
CREATE INDEX document_not_live ON document (target, doc_key) WHERE live_key IS NULL;
DROP INDEX document_in_trouble;
CREATE INDEX document_in_trouble ON document (source, state) WHERE live_key IS NULL;
