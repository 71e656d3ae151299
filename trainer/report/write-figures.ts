// Figures of a report as files of their own, for pages that show them: plots as SVG, digits as PNG.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Figure } from "./figure.ts";

/**
 * Writes NAME.svg and NAME.png of each figure; the second picture of a kind is NAME-2 and so on.
 * @returns the files' names
 */
export async function writeFigures(folder: string, figures: readonly Figure[]): Promise<string[]> {
  const theme = await readFile(new URL("theme.css", import.meta.url), "utf8");
  await mkdir(folder, { recursive: true });
  const files = figures.flatMap(({ name, pictures }) => {
    const counts = { svg: 0, png: 0 };
    return pictures.map((picture) => {
      const kind = "svg" in picture ? "svg" : "png";
      counts[kind] += 1;
      const file = `${name}${counts[kind] > 1 ? `-${counts[kind]}` : ""}.${kind}`;
      return { file, content: "svg" in picture ? standalone(picture.svg, theme) : picture.png };
    });
  });
  for (const { file, content } of files) await writeFile(join(folder, file), content);
  return files.map(({ file }) => file);
}

/** An SVG element as a file: its namespace, the light colours of the theme, and paper behind it. */
function standalone(svg: string, theme: string): string {
  const light = theme.match(/:root \{[^}]*\}/)?.[0].replace("light dark", "light") ?? "";
  const [opening] = svg.match(/^<svg [^>]*>/)!;
  const namespace = opening.includes("xmlns=") ? "" : ' xmlns="http://www.w3.org/2000/svg"';
  const style = `<style>${light} svg { --plot-background: var(--paper); font-family: system-ui, sans-serif; color: var(--ink); }</style>`;
  const paper = '<rect width="100%" height="100%" fill="var(--paper)"/>';
  return `${opening.replace("<svg", `<svg${namespace}`)}${style}${paper}${svg.slice(opening.length)}\n`;
}
