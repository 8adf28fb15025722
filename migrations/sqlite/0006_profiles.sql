-- What people say about themselves.
alter table users add column intro text not null default '';
