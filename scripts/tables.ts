// Markdown tables, printed or written into pages of docs/.

import { readFile, writeFile } from "node:fs/promises";
import { RunError } from "../trainer/errors.ts";

/** A table in Markdown. */
export function formatTable(titles: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return [titles, titles.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/**
 * Writes a table into a page of docs/, between the comments that name its command.
 * @throws RunError if the page lacks them
 */
export async function writeTable(page: string, command: string, table: string): Promise<void> {
  const [start, end] = [`<!-- table: npm run ${command} -->`, "<!-- end of table -->"];
  const text = await readFile(page, "utf8");
  const from = text.indexOf(start) + start.length;
  const to = text.indexOf(end, from);
  if (from < start.length || to < 0) throw new RunError(`${page} lacks the lines ${start} and ${end}`);
  await writeFile(page, [text.slice(0, from), "", table, "", text.slice(to)].join("\n"));
}
