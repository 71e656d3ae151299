// The media types of replies, by the `format` that asks for them or the ending of a file.

export const CONTENT_TYPES = {
  png: "image/png",
  apng: "image/apng",
  svg: "image/svg+xml",
  json: "application/json",
  bin: "application/octet-stream",
} as const;
