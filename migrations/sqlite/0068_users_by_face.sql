-- Whoever removes a picture asks whose face it was.
create index users_by_face on users (face_id) where face_id is not null;
