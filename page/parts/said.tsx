// A line that changes as something moves: eyes get it at once, screen readers when it rests.

import { useSettled } from "./loading.ts";

const REST_MS = 500;

export function Said({ text, class: className }: { text: string; class?: string }) {
  const rested = useSettled(text, REST_MS);
  return (
    <p class={className}>
      <span aria-hidden="true">{text}</span>
      <span class="hidden" role="status">
        {rested}
      </span>
    </p>
  );
}
