// The forms of /docs: each sends what a visitor has filled in, and shows the request as a shell's command and the reply.
// Examples get the origin of the server that they came from.

import { writeAddress } from "../shared/address.ts";

const EXAMPLE_ORIGIN = "https://digits.example";
/** The picture that is uploaded where none is chosen. */
const SAMPLE = "/sample?seed=42&digit=7&size=140";
const SHOWN_HEADERS = [
  "Content-Type",
  "X-Model",
  "X-Seed",
  "Cache-Control",
  "Link",
  "ETag",
  "RateLimit-Policy",
];
/** Characters of a text that are shown. */
const MOST_TEXT = 4000;

for (const code of document.querySelectorAll("code")) {
  code.textContent = code.textContent.replaceAll(EXAMPLE_ORIGIN, location.origin);
}
for (const form of document.querySelectorAll<HTMLFormElement>(".try form")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(form, form.nextElementSibling as HTMLElement);
  });
}

async function send(form: HTMLFormElement, exchange: HTMLElement): Promise<void> {
  const address = addressOf(form);
  const isUpload = form.dataset.method === "POST";
  const url = location.origin + address;
  const command = isUpload
    ? `curl --data-binary @digit.png -H "Content-Type: image/png" '${url}'`
    : `curl '${url.replaceAll("'", "%27")}'`;
  exchange.replaceChildren(block(command));
  try {
    const init = isUpload ? { method: "POST", body: await upload(form) } : {};
    const reply = await fetch(address, init);
    const headers = SHOWN_HEADERS.flatMap((name) => {
      const value = reply.headers.get(name);
      return value === null ? [] : [`${name}: ${value}`];
    });
    exchange.append(block([`${reply.status} ${reply.statusText}`.trim(), ...headers].join("\n")));
    exchange.append(await show(reply, address));
  } catch (error) {
    exchange.append(block(String(error)));
  }
}

/** Parts of the path and parameters that are filled in. */
function addressOf(form: HTMLFormElement): string {
  const query: Record<string, string> = {};
  let path = form.getAttribute("action")!;
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[name]")) {
    if (field.dataset.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
    else if (field.value !== "") query[field.name] = field.value;
  }
  return writeAddress(path, query);
}

async function upload(form: HTMLFormElement): Promise<Blob> {
  const file = form.querySelector<HTMLInputElement>("input[type=file]")?.files?.[0];
  return file ?? (await fetch(SAMPLE)).blob();
}

async function show(reply: Response, address: string): Promise<HTMLElement> {
  const type = reply.headers.get("Content-Type") ?? "";
  if (type.startsWith("image/")) {
    const image = new Image();
    image.src = URL.createObjectURL(await reply.blob());
    image.alt = `The reply to ${address}`;
    return image;
  }
  if (!/json|text/.test(type)) return block(`${(await reply.arrayBuffer()).byteLength} bytes`);
  const text = await reply.text();
  return block(text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text);
}

function block(text: string): HTMLElement {
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  pre.append(Object.assign(document.createElement("code"), { textContent: text }));
  return pre;
}
