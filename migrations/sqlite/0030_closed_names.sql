-- What closed accounts are called is said in each reader's language: a sign stands for it that nobody can have as a nickname. Their
-- keys keep the old names for a month and are nobody's names after it.
update users set nickname = '∅' where closed_at is not null;
