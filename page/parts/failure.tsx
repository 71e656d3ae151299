// Says kindly why something could not be shown, and offers to try again.

import type { Failure } from "../service.ts";
import { usePage } from "../state.ts";

/** Told by screen readers when they come to a pause: one failure may show in several parts. */
export function FailureNote({ failure }: { failure: Failure }) {
  const { t, tryAgain } = usePage();
  return (
    <div class="failure" role="status">
      <p>{t.failure[failure.kind]}</p>
      {"detail" in failure && <p class="detail">{failure.detail}</p>}
      <button type="button" onClick={tryAgain}>
        {t.failure.again}
      </button>
    </div>
  );
}
