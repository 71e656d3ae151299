// The API in one page of Markdown for language models: what each route does, its parameters, and addresses to try.
// https://llmstxt.org/

import { describeApi } from "../../worker/docs/openapi.ts";

export function llmsText(version: string): string {
  const { info, paths } = describeApi(version);
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { summary, description, parameters = [], "x-examples": examples }]) =>
        [
          `## ${method.toUpperCase()} ${path}: ${summary}`,
          description,
          parameters.map(({ name, description: what }) => `- \`${name}\`: ${what}`).join("\n"),
          examples.map(({ address, caption }) => `- [${caption}](${address})`).join("\n"),
        ]
          .filter(Boolean)
          .join("\n\n"),
    ),
  );
  return `${[`# ${info.title}`, info.description, ...routes].join("\n\n")}\n\n- [OpenAPI](/openapi.json)\n- [The same for people](/docs)\n`;
}
