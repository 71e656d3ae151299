// A picture that the server draws. The browser shows the picture before until the next has come; where none comes, the
// reason stands in its place.

import { useEffect, useRef, useState } from "preact/hooks";
import { type Failure, findFailure } from "../service.ts";
import { usePage } from "../state.ts";
import { FailureNote } from "./failure.tsx";

const RETRY_MS = 3000;

interface PictureProps {
  readonly src: string;
  readonly alt: string;
  readonly class?: string;
  readonly width?: number;
  readonly height?: number;
  /** Fetched when it comes near the window only. */
  readonly isLazy?: boolean;
}

export function Picture({ src, alt, isLazy, width, height, class: className }: PictureProps) {
  const { state } = usePage();
  const [failed, setFailed] = useState<{ readonly src: string; readonly failure: Failure }>();
  const [retries, setRetries] = useState(0);
  const image = useRef<HTMLImageElement>(null);
  const latest = useRef(src);
  latest.current = src;
  const { attempt } = state;

  // Another attempt forgets the failure.
  useEffect(() => setFailed(undefined), [src, attempt]);

  const explain = async () => {
    const failure = await findFailure(src);
    if (latest.current !== src) return;
    if (failure) setFailed({ src, failure });
    else setRetries((count) => count + 1);
  };
  // A picture of the page as it was built may have failed before any script could hear of it.
  useEffect(() => {
    const { complete, naturalWidth } = image.current ?? { complete: false, naturalWidth: 1 };
    if (complete && naturalWidth === 0 && !isLazy) void explain();
  }, []);

  // A connection may come back without a word of the browser's.
  const isCutOff = failed?.failure.kind === "offline" || failed?.failure.kind === "unreachable";
  useEffect(() => {
    if (!isCutOff) return;
    const timer = setInterval(async () => {
      if (!(await findFailure(src))) setFailed(undefined);
    }, RETRY_MS);
    return () => clearInterval(timer);
  }, [isCutOff, src]);

  if (failed?.src === src) return <FailureNote failure={failed.failure} />;
  return (
    <img
      key={`${attempt}.${retries}`}
      ref={image}
      src={src}
      alt={alt}
      class={className}
      width={width}
      height={height}
      loading={isLazy ? "lazy" : undefined}
      decoding="async"
      onError={() => void explain()}
    />
  );
}
