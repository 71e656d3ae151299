// Independent readers of what the service draws.

import { decode } from "fast-png";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import UPNG from "upng-js";

export interface Read {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

/** Reads a picture whole, checksums included. */
export function readPicture(mediaType: string, bytes: Uint8Array<ArrayBuffer>): Read {
  switch (mediaType) {
    case "image/png": {
      const { width, height } = decode(bytes, { checkCrc: true });
      return { width, height, frames: 1 };
    }
    case "image/apng": {
      const image = UPNG.decode(bytes.buffer);
      return { width: image.width, height: image.height, frames: UPNG.toRGBA8(image).length };
    }
    case "image/svg+xml": {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      const verdict = XMLValidator.validate(text);
      if (verdict !== true) throw new Error(`not well-formed: ${verdict.err.msg}`);
      const { svg } = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "" }).parse(text) as {
        svg: { width: string; height: string; path?: unknown };
      };
      return { width: Number(svg.width), height: Number(svg.height), frames: 1 };
    }
    default:
      throw new Error(`no reader for ${mediaType}`);
  }
}

/** Grey levels of every frame of an animation. */
export function readApng(bytes: Uint8Array): { readonly frames: readonly number[][] } {
  const image = UPNG.decode(bytes.slice().buffer);
  const frames = UPNG.toRGBA8(image).map((frame) =>
    Array.from(new Uint8Array(frame)).filter((_, i) => i % 4 === 0),
  );
  return { frames };
}
