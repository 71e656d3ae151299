// Text that can be copied.

import { useEffect, useState } from "preact/hooks";
import { usePage } from "../state.ts";

const SHOWN_MS = 2500;

export function CopyButton({ text }: { text: string }) {
  const { t } = usePage();
  const [outcome, setOutcome] = useState<"copied" | "notCopied">();
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("copied");
    } catch {
      // Refused by the visitor or the browser, and it says so.
      setOutcome("notCopied");
    }
  };
  return (
    <span class="copy">
      <button type="button" onClick={() => void copy()}>
        {outcome === "copied" ? t.snippets.copied : t.snippets.copy}
      </button>
      <span class={outcome === "notCopied" ? "note" : "hidden"} role="status">
        {outcome && t.snippets[outcome]}
      </span>
    </span>
  );
}

/** A line of text that begins with an address of this server, and a button that copies it. */
export function CopyLine({ text, label }: { text: string; label: string }) {
  return (
    <div class="copy-line">
      <code aria-label={label} role="note">
        {text}
      </code>
      <CopyButton text={text} />
    </div>
  );
}
