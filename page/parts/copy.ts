// Text for the visitor's clipboard.

/**
 * Copies a text, also where browsers lack the Clipboard API: on plain HTTP, as in a class's own network.
 * @throws where the browser or the visitor refuses
 */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const focused = document.activeElement as HTMLElement | null;
  const area = Object.assign(document.createElement("textarea"), { value: text, className: "hidden" });
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  if (!isCopied) throw new Error("the browser refused to copy");
}
