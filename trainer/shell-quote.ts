// Quotes arguments, so that printed commands can be pasted whatever a folder is called.

/** An argument quoted for a POSIX shell. */
export function shellQuote(text: string): string {
  return /^[\w./:,@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** An option with a value, which may begin with a dash. */
export function quoteOption(flag: string, value: string): string {
  return `--${flag}${value.startsWith("-") ? "=" : " "}${shellQuote(value)}`;
}

/** A path as an argument: one that begins with a dash would be read as an option. */
export function quotePath(path: string): string {
  return shellQuote(path.startsWith("-") ? `./${path}` : path);
}
