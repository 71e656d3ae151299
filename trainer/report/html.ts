// HTML by tagged template: what is put in is escaped, unless it is HTML by itself.

/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

export type Content = Html | string | number | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Safe between tags and in quoted attributes. Lists are joined; undefined and false leave nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return raw(String.raw({ raw: strings }, ...values.map(render)));
}

/** Takes text as HTML; for what this program made itself. */
export function raw(text: string): Html {
  return { html: text };
}

function render(value: Content): string {
  if (value === undefined || value === false) return "";
  if (typeof value === "string") return value.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
  if (typeof value === "number") return String(value);
  return "html" in value ? value.html : value.map(render).join("");
}
