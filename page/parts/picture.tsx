// A picture that the server draws. The browser shows the previous picture until the next has loaded; when loading fails,
// the reason takes its place.

import { useEffect, useRef, useState } from "preact/hooks";
import { request } from "../service.ts";
import { useLoaded } from "./loading.ts";
import { FailureNote } from "./section.tsx";

interface PictureProps {
  readonly src: string;
  /** Shown instead of `src`, in browsers that know it. */
  readonly srcSet?: string | undefined;
  readonly alt: string;
  readonly class?: string;
  readonly width?: number;
  readonly height?: number;
  readonly loading?: "lazy";
}

export function Picture({ src, alt, ...attributes }: PictureProps) {
  const [broken, setBroken] = useState<string>();
  const image = useRef<HTMLImageElement>(null);
  // An image element does not say why it failed, so the address is requested again.
  const answer = useLoaded(broken === src ? src : undefined, askAgain);
  // A picture in the built HTML may have failed before any script listened.
  useEffect(() => {
    const { complete, naturalWidth, loading } = image.current!;
    if (complete && naturalWidth === 0 && loading !== "lazy") setBroken(src);
  }, []);
  if (answer.status === "failed") return <FailureNote failure={answer.failure} />;
  return (
    <img
      // A new element where it works this time.
      key={answer.status}
      ref={image}
      src={src}
      alt={alt}
      {...attributes}
      decoding="async"
      onError={() => setBroken(src)}
    />
  );
}

const askAgain = (address: string) => request(address, { cache: "no-store" });
