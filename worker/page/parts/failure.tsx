// Says kindly why something could not be shown, and offers to try again.

import type { Failure } from "../service.ts";
import { usePage } from "../state.ts";

export function FailureNote({ failure, onRetry }: { failure: Failure; onRetry?: () => void }) {
  const { t, tryAgain } = usePage();
  return (
    <div class="failure" role="alert">
      <p>{t.failure[failure.kind]}</p>
      {"detail" in failure && <p class="detail">{failure.detail}</p>}
      <button type="button" onClick={onRetry ?? tryAgain}>
        {t.failure.again}
      </button>
    </div>
  );
}
