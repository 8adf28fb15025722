-- Which menus somebody was shown on a day, so that others are others whatever the weather does meanwhile, and a reload shows the same.
-- Their keys, oldest first, with a blank between two. The last five are there now:
alter table suggestion_days add column shown text not null default '';
-- for this round and part of the day.
alter table suggestion_days add column shown_for text not null default '';
