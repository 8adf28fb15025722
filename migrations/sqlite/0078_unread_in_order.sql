-- What somebody has not read, in order. Each page counts it, and without this all that they have ever been told was passed over.
create index notices_unread_in_order on notices (user_id, created_at, id) where read_at is null;
