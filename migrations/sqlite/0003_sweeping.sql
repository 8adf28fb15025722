-- What is old is found without reading what is not.
create index mails_settled on mails (settled_at) where settled_at is not null;
create index mails_lost on mails (created_at) where settled_at is null;
create index mail_links_old on mail_links (created_at);
create index jobs_dead on jobs (dead_at) where dead_at is not null;
