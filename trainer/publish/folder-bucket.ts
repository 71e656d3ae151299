// A folder as a bucket: an object is a file, its ETag the SHA-256 of its content. Files appear whole, by renaming; changes
// of one folder wait for each other by a lock file, also between processes.

import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { sha256 } from "../../shared/release/release.ts";
import { PublishError, reasonOf } from "../errors.ts";
import type { Bucket, StoredObject } from "./bucket.ts";

const LOCK_FILE = ".lock";
/** A lock that is older belongs to a process that was killed: changes take milliseconds. */
const LOCK_AGE_MS = 30_000;
const LOCK_PAUSE_MS = 20;

/** Whether a store is named by an address, and not a folder. */
export function isAddress(store: string): boolean {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(store);
}

/** Its functions throw a PublishError that names folder and cause. */
export function openFolderBucket(folder: string): Bucket {
  const description = `the folder ${folder}`;
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw new PublishError(`${description}: cannot ${what}: ${reasonOf(cause)}`, { cause });
    }
  };
  const pathOf = (key: string) => join(folder, ...key.split("/"));
  const find = async (key: string): Promise<StoredObject | undefined> => {
    const body = await readFile(pathOf(key)).catch(absent);
    return body && { body: new Uint8Array(body), etag: await sha256(new Uint8Array(body)) };
  };
  /** Writes it if the present object's ETag is as expected. */
  const put = (key: string, body: Uint8Array, expected: string | undefined) =>
    attempt(`write ${key}`, () =>
      withLock(folder, async () => {
        if ((await find(key))?.etag !== expected) return false;
        const path = pathOf(key);
        await mkdir(dirname(path), { recursive: true });
        try {
          await writeFile(`${path}.new`, body, { flush: true });
          await rename(`${path}.new`, path);
        } catch (cause) {
          await rm(`${path}.new`, { force: true });
          throw cause;
        }
        return true;
      }),
    );
  return {
    description,
    get: (key) => attempt(`read ${key}`, () => find(key)),
    slice: (key, offset, length) =>
      attempt(`read ${key}`, async () => {
        const file = await open(pathOf(key)).catch(absent);
        // Closed with its stream.
        const stream = file?.createReadStream({ start: offset, end: offset + length - 1 });
        return stream && (Readable.toWeb(stream) as ReadableStream);
      }),
    create: (key, body) => put(key, body, undefined),
    swap: put,
    list: (prefix) =>
      attempt(`list ${prefix}`, async () => {
        const entries = (await readdir(folder, { recursive: true, withFileTypes: true }).catch(absent)) ?? [];
        const paths = entries
          .filter((entry) => entry.isFile())
          .map(({ parentPath, name }) => join(parentPath, name));
        const keys = paths.map((path) => relative(folder, path).split(sep).join("/"));
        const objects = keys.filter((key) => key.startsWith(prefix) && !/(^\.lock|\.new)$/.test(key));
        return Promise.all(
          objects.map(async (key) => {
            const { size, mtime } = await stat(pathOf(key));
            return { key, bytes: size, uploadedAt: mtime };
          }),
        );
      }),
    delete: (key) => attempt(`delete ${key}`, () => rm(pathOf(key), { force: true })),
    close: async () => {},
  };
}

async function withLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, LOCK_FILE);
  await mkdir(folder, { recursive: true });
  for (;;) {
    const lock = await open(path, "wx").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    if (lock) {
      await lock.close();
      try {
        return await work();
      } finally {
        await rm(path, { force: true });
      }
    }
    const found = await stat(path).catch(absent);
    if (found && Date.now() - found.mtimeMs > LOCK_AGE_MS) await rm(path, { force: true });
    else await sleep(LOCK_PAUSE_MS);
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
