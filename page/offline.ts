// The service worker: the page works without a connection on the second visit, a reload included. Documents come from the
// network whenever there is one, so nobody sees an old page after a deployment. The page's own files, and what a release
// consists of, never change at their addresses.

/** From scripts/site/landing.ts: the page's files, and a digest of their content. */
declare const FILES: readonly string[];
declare const VERSION: string;

/** Events of a service worker, which the types of documents lack. */
interface WorkerEvent extends Event {
  readonly waitUntil: (work: Promise<unknown>) => void;
  readonly request: Request;
  readonly respondWith: (reply: Promise<Response>) => void;
}
const on = addEventListener as (type: string, listener: (event: WorkerEvent) => void) => void;
const { clients } = self as unknown as { clients: { claim: () => Promise<void> } };

const SHELL = `page-${VERSION}`;
const MODELS = "models";
const DOCUMENTS = ["/", "/pt-br"];
const CATALOG = "/models";

interface Catalog {
  readonly models: readonly {
    readonly name: string;
    readonly stable: string;
    readonly isDefault: boolean;
    readonly versions: readonly { readonly version: string }[];
  }[];
}

// The page was loaded before its worker ran, so all of it is fetched again, mostly from the browser's cache.
on("install", (event) => event.waitUntil(Promise.all([keepShell(), keepModels()])));

on("activate", (event) => {
  const tidy = async () => {
    const names = await caches.keys();
    await Promise.all(
      names.filter((name) => name !== SHELL && name !== MODELS).map((name) => caches.delete(name)),
    );
    await clients.claim();
  };
  event.waitUntil(tidy());
});

on("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && DOCUMENTS.includes(pathname)) {
    event.respondWith(fetch(request).catch(async (error) => (await caches.match(pathname)) ?? fail(error)));
  } else if (pathname === CATALOG) event.respondWith(freshCatalog(request));
  else if (pathname.startsWith("/page/")) event.respondWith(keptFirst(SHELL, request));
  else if (/^\/models\/[^/]+\/[^/]+\/[^/]+$/.test(pathname)) event.respondWith(keptFirst(MODELS, request));
});

async function keepShell(): Promise<void> {
  const documents = DOCUMENTS.map((path) => new Request(path, { cache: "no-cache" }));
  await (await caches.open(SHELL)).addAll([...documents, ...FILES]);
}

/** Every model's card, and what the default one draws and reads with. */
async function keepModels(): Promise<void> {
  const { models } = (await (await freshCatalog(new Request(CATALOG))).json()) as Catalog;
  const cache = await caches.open(MODELS);
  for (const { name, stable, isDefault } of models) {
    const card = `/models/${name}/${stable}/card.json`;
    await cache.add(card);
    if (!isDefault) continue;
    const { files } = (await (await cache.match(card))!.json()) as { files: object };
    const used = Object.keys(files).filter((file) => !file.endsWith(".png"));
    await cache.addAll(used.map((file) => `/models/${name}/${stable}/${file}`));
  }
}

/** The catalog, from the network if there is one; what it does not list any more is forgotten. */
async function freshCatalog(request: Request): Promise<Response> {
  const cache = await caches.open(MODELS);
  const reply = await fetch(request).catch(async (error) => (await cache.match(CATALOG)) ?? fail(error));
  if (!reply.ok) return reply;
  await cache.put(CATALOG, reply.clone());
  const { models } = (await reply.clone().json()) as Catalog;
  const listed = models.flatMap(({ name, versions }) =>
    versions.map(({ version }) => `/models/${name}/${version}/`),
  );
  for (const { url } of await cache.keys()) {
    const { pathname } = new URL(url);
    if (pathname !== CATALOG && !listed.some((folder) => pathname.startsWith(folder)))
      await cache.delete(url);
  }
  return reply;
}

/** What never changes at its address. */
async function keptFirst(name: string, request: Request): Promise<Response> {
  const cache = await caches.open(name);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const reply = await fetch(request);
  if (reply.ok) await cache.put(request.url, reply.clone());
  return reply;
}

function fail(error: unknown): never {
  throw error;
}
