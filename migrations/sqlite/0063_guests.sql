-- Whose guests those from outside are, when they are not the host's: the party was handed over since.
alter table parties add column outside_of blob constraint parties_outside_of references users (id);
