-- How often somebody has asked what to eat: the database counts, so that many at once are not more than may be.
create table suggestion_days (
    user_id uuid not null constraint suggestion_days_user references users (id),
    -- days since 1970-01-01 by Seoul's calendar
    day bigint not null,
    asked integer not null constraint suggestion_days_asked_range check (asked between 0 and 10),
    -- how often other menus were asked for: which five are shown
    rounds integer not null constraint suggestion_days_rounds_range check (rounds between 0 and 10),
    constraint suggestion_days_primary primary key (user_id, day)
);
create index suggestion_days_old on suggestion_days (day);
