// Keeps the room of a part whose model is on its way, so that what lies below it stays in its place.

import { usePage } from "../state.ts";

/** @param still, alt  a picture for those without scripts */
export function Waiting({ still, alt = "" }: { still?: string; alt?: string }) {
  const { state, t } = usePage();
  return (
    <div class="waiting">
      {state.isAlive ? (
        <p>{t.failure.waiting}</p>
      ) : (
        <noscript>
          {still && <img src={still} alt={alt} />}
          <p>{t.needsScript}</p>
        </noscript>
      )}
    </div>
  );
}
