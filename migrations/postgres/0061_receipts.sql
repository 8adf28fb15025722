-- Which host has received it: whoever leads later has not. And what was confirmed before that, for when the later word is taken back.
alter table payments add column received_by uuid constraint payments_received_by references users (id);
alter table payments add column earlier bigint;
alter table payments add column earlier_at bigint;
alter table payments add column earlier_by uuid constraint payments_earlier_by references users (id);
update payments set received_by = (select p.host_id from parties p where p.id = payments.party_id) where received is not null;
-- Who added it or took it off, in words of their own.
alter table bill_extras add column author_id uuid constraint bill_extras_author references users (id);
update bill_extras set author_id = (select p.host_id from parties p where p.id = bill_extras.party_id);
create index bill_extras_by_author on bill_extras (author_id, created_at, id);
-- Where to send money is removed a month after it was written, should nobody settle.
create index settlements_by_age on settlements (updated_at) where account <> '' or link is not null;
