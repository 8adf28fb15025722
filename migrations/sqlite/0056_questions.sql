-- What somebody has asked a model, and what it answered: a conversation of a day.
create table suggestion_questions (
    -- the name that its form gave to it, so that the same form asks once
    id blob not null constraint suggestion_questions_primary primary key,
    user_id blob not null constraint suggestion_questions_user references users (id),
    -- the day on which it was counted
    day bigint not null,
    question text not null,
    -- as far as it has come
    answer text not null,
    state text not null constraint suggestion_questions_state_known check (state in ('waiting', 'whole', 'broken', 'failed')),
    asked_at bigint not null,
    -- one that still waits then is no longer being answered: the node that did is gone
    until_at bigint not null
);
-- one after the other
create unique index suggestion_questions_one_waiting on suggestion_questions (user_id) where state = 'waiting';
create index suggestion_questions_in_order on suggestion_questions (user_id, asked_at, id);
create index suggestion_questions_old on suggestion_questions (asked_at);
