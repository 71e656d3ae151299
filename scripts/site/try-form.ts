// The form of an operation in the page at /docs. Without scripts it leads to what a GET without parts of the path replies;
// page/try.ts shows request and reply in place.

import { html } from "hono/html";
import type { DescribedOperation, DescribedParameter } from "../../worker/docs/openapi.ts";

type Html = ReturnType<typeof html>;

export function tryForm(path: string, method: string, operation: DescribedOperation): Html {
  const { operationId: id, parameters = [], requestBody } = operation;
  const accept = requestBody && Object.keys(requestBody.content).join();
  return html`<details class="try">
<summary>Try it</summary>
<form action="${path}" method="get" data-method="${method}">
${parameters.map((parameter) => field(id, parameter))}
${
  accept &&
  html`<label for="${id}-try-body">Picture <small>without one, a 7 that the service draws</small></label>
<input type="file" id="${id}-try-body" accept="${accept}">`
}
<button type="submit">Send</button>
</form>
<div class="exchange" role="status"></div>
</details>`;
}

function field(id: string, { name, in: place, required, schema }: DescribedParameter): Html {
  const {
    enum: choices,
    type,
    examples = [],
    default: standard,
  } = schema as DescribedParameter["schema"] & {
    examples?: readonly unknown[];
  };
  const fieldId = `${id}-try-${name}`;
  const isNeeded = required || place === "path";
  const values = (choices ?? (type === "boolean" ? [true, false] : undefined)) as unknown[] | undefined;
  const hint = standard ?? examples[0];
  const control = values
    ? html`<select id="${fieldId}" name="${name}">${!isNeeded && html`<option value="">${standard ?? ""}</option>`}${values
        .filter((value) => value !== standard)
        .map((value) => html`<option>${value}</option>`)}</select>`
    : html`<input type="text" id="${fieldId}" name="${name}" data-in="${place}" placeholder="${hint ?? ""}" value="${isNeeded ? (examples[0] ?? "") : ""}" autocomplete="off" autocapitalize="off" spellcheck="false">`;
  return html`<label for="${fieldId}"><code>${name}</code></label>
${control}
`;
}
