// Brings the schema of running nodes back to before the newest migrations, so that there is something to be brought up to date under load.
//
// All nodes are of one build, so without this a rolling restart would find a schema that is as it should be. The migrations are always
// the same, however many came after them: they change nothing but by which index a message is found, so nodes of this build work as
// well without them. Of most that could not be said. (A migration is applied when it is missing, wherever it stands in the order.)

/** 0075_messages_by_name and 0076_fewer_indexes, which drops what the first takes the place of. */
const VERSIONS = [75, 76];
const UNDO = `
  set local lock_timeout = '20s';
  drop index messages_by_name;
  create unique index messages_sent_once on messages (author_id, send_id, room_id) where send_id is not null;
  create index messages_by_author on messages (author_id, room_id, seq) where kind = 'text';
  delete from _sqlx_migrations where version in (${VERSIONS});`;

/** How many migrations the database has had. */
export const migrations = async (cluster) => Number(await cluster.sql('select count(*) from _sqlx_migrations where success'));

/** Undoes the migrations while nodes run. */
export async function bringBack(cluster) {
  const before = await migrations(cluster);
  await cluster.sql(UNDO).catch(({ stderr, message }) => {
    const advice = 'When a later one has changed what they made, tools/nodes/schema.mjs needs others that nodes do as well without.';
    throw new Error(`the migrations ${VERSIONS} could not be undone. ${advice}\n${stderr ?? message}`);
  });
  if (await migrations(cluster) !== before - VERSIONS.length) throw new Error(`${VERSIONS} were brought back before anybody was asked to`);
}

/** Whether what the migrations do is done. */
export async function isUpToDate(cluster) {
  const found = await cluster.sql(`
    select (select count(*) from _sqlx_migrations where version in (${VERSIONS}) and success) = ${VERSIONS.length}
      and to_regclass('messages_by_name') is not null
      and to_regclass('messages_sent_once') is null and to_regclass('messages_by_author') is null`);
  return found === 't';
}
