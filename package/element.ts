// <handwritten-digits number="2026" seed="ada">: a number in handwriting, as high and of the colour of the text around it.

import { number } from "./draw.ts";

/** Attributes that are options of `number`. */
const TEXTS = ["seed", "fg", "bg", "layout"];
const NUMBERS = ["size", "slant", "weight", "temperature", "guidance", "spacing"];

const STYLE = "<style>:host{display:inline-block}svg{display:block}</style>";
/** Without a size it is as high as a line's text. */
const AS_TEXT = "<style>svg{height:1.2em;width:auto}</style>";
const IN_COLOUR_OF_TEXT = "<style>g{fill:currentColor}</style>";

export class HandwrittenDigits extends HTMLElement {
  static readonly observedAttributes = ["number", ...TEXTS, ...NUMBERS];
  /** Of the latest drawing: an earlier one that ends later is dropped. */
  #latest = 0;

  connectedCallback(): void {
    this.#draw();
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.#draw();
  }

  async #draw(): Promise<void> {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    const text = this.getAttribute("number") ?? "";
    const turn = ++this.#latest;
    this.role = "img";
    this.ariaLabel = text;
    try {
      const options = this.#options();
      const picture = await number(text, { bg: "transparent", ...options });
      if (turn !== this.#latest) return;
      const styles = [
        STYLE,
        options.size === undefined && AS_TEXT,
        options.fg === undefined && IN_COLOUR_OF_TEXT,
      ];
      root.innerHTML = `${styles.filter(Boolean).join("")}${picture.svg()}`;
    } catch (error) {
      // Still readable; the console says why it is not drawn.
      root.textContent = text;
      reportError(error);
    }
  }

  #options(): Record<string, string | number> & { readonly size?: number; readonly fg?: string } {
    const read = (names: readonly string[], convert: (text: string) => string | number) =>
      names.flatMap((name) => {
        const value = this.getAttribute(name);
        return value === null ? [] : [[name, convert(value)] as const];
      });
    return Object.fromEntries([...read(TEXTS, String), ...read(NUMBERS, Number)]);
  }
}

customElements.define("handwritten-digits", HandwrittenDigits);
