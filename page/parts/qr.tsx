// The page's address for a class's telephones: a QR code as large as the window.

import { useEffect, useRef } from "preact/hooks";
import encodeQR from "qr";
import type { GreyImage } from "../../shared/image/raster.ts";
import { usePage } from "../state.ts";
import { PixelCanvas } from "./digit-canvas.tsx";

export function QrDialog({ address, onClose }: { address: string; onClose: () => void }) {
  const { t } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  return (
    <dialog ref={dialog} class="qr" aria-label={t.take.qr} onClose={onClose}>
      <PixelCanvas image={paintCode(address)} class="pixelated" label={t.take.qrOf(address)} />
      <p>{address}</p>
      <button type="button" onClick={() => dialog.current!.close()}>
        {t.take.close}
      </button>
    </dialog>
  );
}

/** Black on white, a pixel per module, with the border that readers need. */
function paintCode(text: string): GreyImage {
  const rows = encodeQR(text, "raw", { border: 4 });
  const pixels = Uint8Array.from(rows.flat(), (isDark) => (isDark ? 0 : 255));
  return { width: rows[0]!.length, height: rows.length, pixels };
}
