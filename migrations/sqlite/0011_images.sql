-- Pictures. The files lie in the image store; who may see them is said here.
create table images (
    id blob not null constraint images_primary primary key,
    owner_id blob not null constraint images_owner references users (id),
    -- Shown in this room, to its members only. Without one, and not free, everybody may see it: somebody's face.
    room_id blob constraint images_room references rooms (id),
    width integer not null,
    height integer not null,
    created_at bigint not null,
    -- Since when nothing shows it; after a while it is removed.
    free_since bigint
);
create index images_free on images (free_since) where free_since is not null;
create index images_by_room on images (room_id) where room_id is not null;
create index images_by_owner on images (owner_id, created_at, id);

alter table users add column face_id blob constraint users_face references images (id);
-- What is shown with a message: `ID.WIDTHxHEIGHT` words, in order. A message without words and pictures was deleted.
alter table messages add column pictures text not null default '';
