// What is in a directory, and a name for it.

import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Every file under a directory, sorted, as paths relative to it. */
export async function files(dir) {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

/** The hash of some files of a directory: of their names, and of every byte. */
export async function hashOf(dir, names) {
  const hash = createHash('sha256');
  for (const name of names) {
    const bytes = await readFile(join(dir, name));
    hash.update(`${name}\n${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

/** A name for all that is in a directory: where one byte is another, so is the name. */
export const nameOf = async (dir) => (await hashOf(dir, await files(dir))).slice(0, 16);
