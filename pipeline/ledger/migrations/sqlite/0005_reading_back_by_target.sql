-- What is to be read back is asked for target by target, so that one target's trouble keeps nobody from reading another.
DROP INDEX document_unconfirmed;
CREATE INDEX document_unconfirmed ON document (source, target, changed_at) WHERE state = 'DELIVERED';
