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
  const [before, rest] = text.split(start);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new RunError(`${page} lacks the lines ${start} and ${end}`);
  await writeFile(page, [`${before}${start}`, "", table, "", `${end}${after}`].join("\n"));
}
