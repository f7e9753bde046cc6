-- A document that waits for another one of its source to be in SAP, by that one's source_id: a reversal for what it reverses.
ALTER TABLE document ADD COLUMN needs TEXT;
CREATE INDEX document_needs ON document (source, needs) WHERE needs IS NOT NULL;
