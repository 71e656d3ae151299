// Hands the page's address to another program of the device, or copies it where the browser cannot.

import { useEffect, useState } from "preact/hooks";
import { currentAddress } from "../address-bar.ts";
import { loadQr } from "../lazy.ts";
import { usePage } from "../state.ts";
import { copyText } from "./copy.ts";
import type { QrDialog } from "./qr.tsx";

const SHOWN_MS = 2500;

export function ShareButton() {
  const { t, choices, word } = usePage();
  const [outcome, setOutcome] = useState<"copied" | "notCopied">();
  useEffect(() => {
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const share = async () => {
    const url = currentAddress();
    const text = t.bench.is(choices.seed, word?.digit);
    try {
      if (navigator.share) return await navigator.share({ title: t.title, text, url });
      await copyText(url);
      setOutcome("copied");
    } catch (error) {
      // A visitor who changed their mind needs no message.
      if (!(error instanceof DOMException && error.name === "AbortError")) setOutcome("notCopied");
    }
  };
  return (
    <div class="actions">
      <span class="copy">
        <button type="button" onClick={() => void share()}>
          {outcome === "copied" ? t.take.linkCopied : t.take.share}
        </button>
        <span class={outcome === "notCopied" ? "note" : "hidden"} role="status">
          {outcome === "copied" ? t.take.linkCopied : outcome && t.take.copyAddressBar}
        </span>
      </span>
      <QrButton />
    </div>
  );
}

/** For telephones in the room. */
function QrButton() {
  const { t } = usePage();
  const [shown, setShown] = useState<{ address: string; QrDialog: typeof QrDialog }>();
  const show = async () => {
    const { QrDialog } = await loadQr();
    setShown({ address: currentAddress(), QrDialog });
  };
  return (
    <>
      <button type="button" onClick={() => void show()}>
        {t.take.qr}
      </button>
      {shown && <shown.QrDialog address={shown.address} onClose={() => setShown(undefined)} />}
    </>
  );
}
