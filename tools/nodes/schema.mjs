// Brings the schema of running nodes back to before one migration, so that there is something to be brought up to date under load.
//
// All nodes are of one build, so without this a rolling restart would find a schema that is as it should be. The migration is always
// the same one, however many came after it: it changes nothing but by which index a message is found, so nodes of this build work as
// well without it. Of most that could not be said. (A migration is applied when it is missing, wherever it stands in the order.)

const VERSION = 75;
const NAME = '0075_messages_by_name';
const UNDO = `
  set local lock_timeout = '20s';
  drop index messages_by_name;
  create unique index messages_sent_once on messages (author_id, send_id, room_id) where send_id is not null;
  delete from _sqlx_migrations where version = ${VERSION};`;

/** How many migrations the database has had. */
export const migrations = async (cluster) => Number(await cluster.sql('select count(*) from _sqlx_migrations where success'));

/** Undoes the migration while nodes run. */
export async function bringBack(cluster) {
  const before = await migrations(cluster);
  await cluster.sql(UNDO).catch(({ stderr, message }) => {
    const advice = 'When a later one has changed what it made, tools/nodes/schema.mjs needs another one that nodes do as well without.';
    throw new Error(`${NAME} could not be undone. ${advice}\n${stderr ?? message}`);
  });
  if (await migrations(cluster) !== before - 1) throw new Error(`${NAME} was brought back before anybody was asked to`);
}

/** Whether what the migration does is done. */
export async function isUpToDate(cluster) {
  const found = await cluster.sql(`
    select exists (select 1 from _sqlx_migrations where version = ${VERSION} and success)
      and to_regclass('messages_by_name') is not null`);
  return found === 't';
}
