-- When the letter of a link went, and how long the link is good for from then on: a letter may have to wait for its mail server.
-- Without a life: one of an older version, which lives from when it was made.
alter table mail_links add column sent_at integer;
alter table mail_links add column life integer;
