// Parts of the page that its first picture does not need. They are loaded right after it, so that they are there without a
// connection: a browser never asks again for a script that it once failed to load.

export const loadExplorer = () => import("./explorer.tsx");
export const loadDialBoard = () => import("./dial-board.tsx");
export const loadPadReader = () => import("./parts/read-pad.ts");
export const loadQr = () => import("./parts/qr.tsx");
export const loadRenderers = () => import("../shared/image/renderer.ts");

/** Failures show where a part is used. The service worker is there for the next visit; without HTTPS there is none. */
export function loadParts(): void {
  navigator.serviceWorker?.register("/offline.js").catch(() => {});
  for (const load of [loadExplorer, loadDialBoard, loadPadReader, loadQr, loadRenderers])
    load().catch(() => {});
}
